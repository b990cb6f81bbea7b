"""The log book: a campaign as one page, whatever is left of it."""
