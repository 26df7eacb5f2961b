//! Speed of the parts of the org half.

fn main() {}
