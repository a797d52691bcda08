"""What people and machines do, once each: attackers use them too, so nothing but behaviour tells them apart."""
