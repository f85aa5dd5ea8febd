"""Firme de démonstration : de quoi essayer le produit sans données réelles."""
