"""What people need to answer for the system: why it alerted, whom it alerts more often, how well each detector does."""
