//! The parts of a README that a test can run.

/// A fenced block that means something to the test.
#[derive(Debug, PartialEq)]
pub(crate) enum Block {
    /// Commands and what they print.
    Console(Vec<Step>),
    /// A file for the commands after it.
    File {
        /// Its path.
        name: String,
        /// What is in it.
        text: String,
    },
    /// The commit hook.
    Hook(String),
}

/// One command.
#[derive(Debug, PartialEq)]
pub(crate) struct Step {
    /// Without the `$ `.
    pub(crate) command: String,
    /// The lines below it.
    pub(crate) expected: String,
    /// What `$ echo $?` below it shows; else 0.
    pub(crate) code: i32,
}

/// The blocks of a README, in order.
pub(crate) fn read(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut mark = "";
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines
                .by_ref()
                .take_while(|l| !l.starts_with("```"))
                .collect();
            let text = || body.iter().map(|l| format!("{l}\n")).collect::<String>();
            if language == "console" {
                blocks.push(Block::Console(steps(&body)));
            } else if let Some(name) = mark.strip_prefix("file: ") {
                let name = name.to_owned();
                blocks.push(Block::File { name, text: text() });
            } else if mark == "hook" {
                blocks.push(Block::Hook(text()));
            }
            mark = "";
        } else if let Some(comment) = line.strip_prefix("<!-- ") {
            mark = comment.strip_suffix(" -->").unwrap();
        }
    }
    blocks
}

fn steps(body: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = body.iter();
    while let Some(line) = lines.next() {
        if *line == "$ echo $?" {
            let code = lines.next().unwrap();
            steps.last_mut().unwrap().code = code.parse().unwrap();
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                expected: String::new(),
                code: 0,
            });
        } else {
            let step = steps.last_mut().unwrap();
            step.expected += line;
            step.expected.push('\n');
        }
    }
    steps
}

#[test]
fn commands_files_and_the_hook_are_found_and_other_blocks_are_not() {
    let markdown = "a\n```console\n$ one\nout\n…\n$ echo $?\n3\n$ two\n```\n\n```sh\nno\n```\n\
                    <!-- file: a/b.yaml -->\n```yaml\nx: 1\n```\n<!-- hook -->\n```sh\ngo\n```\n";
    let step = |command: &str, expected: &str, code| Step {
        command: command.to_owned(),
        expected: expected.to_owned(),
        code,
    };
    assert_eq!(
        read(markdown),
        [
            Block::Console(vec![step("one", "out\n…\n", 3), step("two", "", 0)]),
            Block::File {
                name: "a/b.yaml".to_owned(),
                text: "x: 1\n".to_owned()
            },
            Block::Hook("go\n".to_owned()),
        ]
    );
}
