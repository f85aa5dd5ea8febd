"""Clients of the outside services that documents and notices come from."""
