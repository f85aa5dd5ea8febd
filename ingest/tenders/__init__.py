"""Tender files: unpacked, read, and each piece recognised by what it says."""
