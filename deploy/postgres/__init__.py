"""The database: its roles, its platform tables and its migrations."""
