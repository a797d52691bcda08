"""Commands from another machine: their arrival (`arrivals`), and ways in that were opened or dug (`ways_in`)."""
