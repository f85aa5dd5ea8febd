"""Measures of speed and scale, run by hand.

The environment is prepared here, before numpy loads: its BLAS reads its thread count once.
"""

from core.settings import prepare_process_environment

prepare_process_environment()
