"""Answer, with evidence: answers, citations and the doors that serve them."""
