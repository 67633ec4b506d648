"""What reviewers decide: kept in reviews/decisions.jsonl, laid over every draft, made on a page or in a spreadsheet."""
