"""A strict local double of Microsoft Graph's mail: it refuses what Graph refuses."""
