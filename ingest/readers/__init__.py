"""One module per family of file formats; each turns a file into a ParsedDocument."""
