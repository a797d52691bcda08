"""What one key group gives on to another, through topics that workers write: see infra/decisions/009 and 015."""
