"""Documents de la firme de démonstration : sources Markdown et fabrication des fichiers."""
