"""What people and machines do, once each: attackers use the same verbs, so nothing but behaviour tells them apart."""
