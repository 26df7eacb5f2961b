//! STUB replaced by branch secret
use crate::model::Span;
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;
#[derive(Debug, Clone)]
pub struct SecretRule;
#[derive(Debug, Clone)]
pub struct SecretMessage;
#[derive(Debug, Clone)]
pub struct SecretCase;
impl SecretMessage { pub fn decode(_: &Document, _: &Node) -> Decoded<Self> { Ok(Self) } }
impl SecretRule {
    pub fn decode(_: &Document, _: &Node, _: Option<&Node>, _: SecretMessage) -> Decoded<Self> { Ok(Self) }
    pub fn decode_case(_r: &Self, _: &Document, _: (&Node, bool), _: (&str, Option<&str>)) -> Decoded<SecretCase> { let _ = Span::default(); Ok(SecretCase) }
}
