//! The draft's and the policy's file: one page, in the letters that every viewer has without a font.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use crate::{company::Company, sale::Application};

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paper {
    Draft,
    Policy,
}

const TITLE: Name<'static> = Name(b"F1");
const TEXT: Name<'static> = Name(b"F2");

/// The file's bytes.
pub(crate) fn print(company: &Company, application: &Application, paper: Paper) -> Vec<u8> {
    let (title, number) = match paper {
        Paper::Draft => ("OSAGO policy: DRAFT", "draft".to_owned()),
        Paper::Policy => ("OSAGO policy", format!("XXX {}", application.policy)),
    };
    let lines = [
        format!("Insurer: {}", company.latin_name()),
        format!("Series and number: {number}"),
        format!("First day: {}", application.start),
        format!("Risk: {}", application.risk),
        format!("Premium: {} RUB", application.price.premium),
        "Simulated: this document insures nobody.".to_owned(),
    ];
    page(title, &lines)
}

fn page(title: &str, lines: &[String]) -> Vec<u8> {
    let [catalog, pages, page, title_font, text_font, contents] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut sheet = pdf.page(page);
    // A4 in points.
    sheet.media_box(Rect::new(0.0, 0.0, 595.0, 842.0));
    sheet.parent(pages);
    sheet.contents(contents);
    sheet.resources().fonts().pair(TITLE, title_font).pair(TEXT, text_font);
    sheet.finish();
    pdf.type1_font(title_font).base_font(Name(b"Helvetica-Bold"));
    pdf.type1_font(text_font).base_font(Name(b"Helvetica"));
    let mut content = Content::new();
    content.begin_text();
    content.set_font(TITLE, 20.0).next_line(72.0, 742.0).show(Str(title.as_bytes()));
    content.set_font(TEXT, 12.0).next_line(0.0, -40.0);
    for line in lines {
        content.show(Str(line.as_bytes())).next_line(0.0, -22.0);
    }
    content.end_text();
    pdf.stream(contents, &content.finish());
    pdf.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_page_and_every_reference_lands_on_its_object() {
        let bytes = page("OSAGO policy", &["Insurer: Ingosstrakh".to_owned()]);
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("%PDF-") && text.trim_end().ends_with("%%EOF"));
        assert!(text.contains("/Count 1") && text.contains("Insurer: Ingosstrakh"), "{text}");
        let at = |offset: usize| {
            String::from_utf8_lossy(&bytes[offset..(offset + 12).min(bytes.len())]).into_owned()
        };
        let start: usize =
            text.rsplit("startxref").next().unwrap().split_whitespace().next().unwrap().parse().unwrap();
        assert!(at(start).starts_with("xref"));
        let table = String::from_utf8_lossy(&bytes[start..]).into_owned();
        let rows = table.lines().filter(|line| line.trim_end().ends_with(" n"));
        for (index, row) in rows.enumerate() {
            let offset = row[..10].parse().unwrap();
            assert!(at(offset).starts_with(&format!("{} 0 obj", index + 1)), "{row}");
        }
    }
}
