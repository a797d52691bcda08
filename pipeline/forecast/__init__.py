"""Where risk and volume are going: online time series, and what comes next."""
