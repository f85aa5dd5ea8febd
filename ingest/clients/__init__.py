"""Clients of outside services, each behind one class of ours."""
