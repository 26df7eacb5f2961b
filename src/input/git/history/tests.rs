use super::*;

fn id(digit: char) -> ObjectId {
    ObjectId::from_hex(digit.to_string().repeat(40).as_bytes()).unwrap()
}

fn order(lines: &[&str]) -> String {
    let long = |word: &str| match word.as_bytes() {
        [digit] => char::from(*digit).to_string().repeat(40),
        _ => word.trim_start_matches('t').to_owned(),
    };
    let text: String = lines
        .iter()
        .map(|line| line.split(' ').map(long).collect::<Vec<_>>().join(" ") + "\n")
        .collect();
    let graph = graph(&mut text.as_bytes()).unwrap();
    let ordered = graph.ordered(None);
    ordered.iter().map(|c| c.id.to_string().remove(0)).collect()
}

#[test]
fn commits_stand_by_ancestry_then_date_then_id() {
    // A child that claims to be older than its parent still comes after it.
    assert_eq!(order(&["t05 b a", "t10 a"]), "ab");
    assert_eq!(order(&["t30 d b c", "t20 c a", "t15 b a", "t10 a"]), "abcd");
    assert_eq!(order(&["t30 d c b", "t20 b a", "t20 c a", "t10 a"]), "abcd");
    // Parents outside the range do not hold a commit back.
    assert_eq!(order(&["t30 b 9", "t20 a 8"]), "ab");
}

#[test]
fn a_change_gives_what_it_ends_with() {
    let zero = "0".repeat(40);
    let (a, b) = ("a".repeat(40), "b".repeat(40));
    for (change, mode) in [
        (format!(":100644 100755 {a} {b} M"), "100755"),
        (
            format!("::100644 000000 120000 {a} {zero} {b} MA"),
            "120000",
        ),
        (
            format!(":::100644 100644 100644 160000 {a} {a} {a} {b} MMM"),
            "160000",
        ),
    ] {
        let found = result_of(change.as_bytes()).unwrap();
        assert_eq!(found, (mode.as_bytes(), id('b')), "{change}");
    }
    assert_eq!(result_of(b":100644"), None);
    assert_eq!(result_of(b"::::::"), None);
}

#[test]
fn an_answer_cut_off_anywhere_gives_what_was_whole_or_an_error() {
    let commit = |digit| Commit {
        id: id(digit),
        committed: Instant::from_seconds(0),
    };
    let commits = [commit('1'), commit('2'), commit('3')];
    let (one, three) = (id('1'), id('3'));
    let text = format!(
        "{one}\0:000000 100644 {} {} A\0a\0{three}\0:000000 100644 {} {} A\0b\0",
        id('0'),
        id('a'),
        id('0'),
        id('b'),
    );
    let text = text.as_bytes();
    let whole = changes(&mut &text[..], &commits).unwrap();
    assert_eq!(whole.blobs.len(), 2);
    assert_eq!(whole.blobs[1].commit, 2);
    for end in 0..text.len() {
        if let Ok(part) = changes(&mut &text[..end], &commits) {
            assert!(
                part.blobs.len() < 2 && whole.blobs.starts_with(&part.blobs),
                "{end}"
            );
        }
    }
}
