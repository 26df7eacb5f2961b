//! The built-in sources, on rows as the vendors write them.

use super::{built_in, field, plan_of, records_of, shown};

#[test]
fn the_built_in_sources_decode() {
    let (schema, sources) = built_in();
    assert!(schema.find("user").is_some());
    assert!(sources.find("salesforce.user").is_some());
}
