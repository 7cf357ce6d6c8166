//! Markdown (GitHub flavour, for its tables).

use super::document::{Block, Document, numeric_columns};
use std::fmt::Write as _;

/// The document as `report.md`.
pub fn write(doc: &Document) -> String {
    let mut out = format!("# {}\n", escape(&doc.title));
    for block in &doc.blocks {
        out.push('\n');
        match block {
            Block::Heading(level, words) => {
                let _ = writeln!(out, "{} {}", "#".repeat(usize::from(*level)), escape(words));
            }
            Block::Paragraph(words) => {
                let _ = writeln!(out, "{}", escape(words));
            }
            Block::List(points) => {
                for point in points {
                    let _ = writeln!(out, "- {}", escape(point));
                }
            }
            Block::Table { head, rows } => table(head, rows, &mut out),
            Block::Figure { file, alt, caption, .. } => {
                let _ =
                    writeln!(out, "![{}]({})\n\n{}", escape(alt), file.replace(' ', "%20"), escape(caption));
            }
        }
    }
    out
}

fn table(head: &[String], rows: &[Vec<String>], out: &mut String) {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|c| escape(c)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    out.push_str(&line(head));
    let numeric = numeric_columns(head.len(), rows);
    let rule: Vec<&str> = numeric.iter().map(|n| if *n { "---:" } else { "---" }).collect();
    let _ = writeln!(out, "| {} |", rule.join(" | "));
    for row in rows {
        out.push_str(&line(row));
    }
}

/// Text that Markdown shows as it is, on one line.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
