//! Reports for tests: made by hand, small, and together holding everything a report can hold.
