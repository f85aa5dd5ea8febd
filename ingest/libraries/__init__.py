"""SharePoint and OneDrive libraries as a source of the knowledge base."""
