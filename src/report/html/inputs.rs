//! What the report stands on: every export, with the hash by which it is known again.

use std::io::{self, Write};

use super::text::T;
use super::{Page, Rows, open};
use crate::report::ExportInput;
use crate::report::figures;
use crate::report::visible::{Count, Grouped, number};

impl Page<'_> {
    pub(super) fn inputs(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        let aside = Count(number(report.exports.len()), "export").to_string();
        open(out, "inputs", "Inputs", &aside)?;
        writeln!(out, "<p>{}.</p>", T(&figures::checked(report)))?;
        if report.exports.is_empty() {
            return out.write_all(b"<p>No file is an export that is known.</p>\n</section>\n");
        }
        let rows = Rows {
            class: "exports",
            head: "data-what=\"export\">\n<caption>Exports</caption>\n\
                   <thead><tr><th scope=\"col\" data-sort=\"text\">File</th>\
                   <th scope=\"col\" data-sort=\"text\">Recognised as</th>\
                   <th scope=\"col\" data-sort=\"number\" class=\"num\">Rows</th>\
                   <th scope=\"col\" data-sort=\"number\" class=\"num\">Bytes</th>\
                   <th scope=\"col\">SHA-256</th></tr></thead>",
            total: report.exports.len(),
        };
        rows.write(out, report.exports.iter(), &mut |out, export| {
            input(out, export)
        })?;
        out.write_all(b"</section>\n")
    }
}

fn input(out: &mut dyn Write, export: &ExportInput) -> io::Result<()> {
    writeln!(
        out,
        "<tr><td><code>{}</code></td><td>{}</td><td class=\"num\" data-v=\"{}\">{}</td>\
         <td class=\"num\" data-v=\"{}\">{}</td><td><code class=\"hash\">{}</code></td></tr>",
        T(&export.path),
        T(&export.sources.join(", ")),
        export.rows,
        Grouped(export.rows),
        export.bytes,
        Grouped(export.bytes),
        T(export.sha256.as_deref().unwrap_or("not computed"))
    )
}
