"""Who exists and who may do what: organisations, places, people, machines, audit."""
