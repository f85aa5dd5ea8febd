"""The portfolio assistant: conversation over the CRM's tables and the knowledge base."""
