//! How large a template may be.
//!
//! The engine's parser and compiler descend into what they read. These bounds keep every descent shallow,
//! so that no text, however strange, exhausts the stack.

use minijinja::machinery::{self, Token};

use crate::sheet::Placed;

/// Bytes of one template.
const LONGEST: usize = 64 * 1024;
/// Words and signs inside one pair of braces.
const MOST_TOKENS: usize = 300;
/// Pairs of braces.
const MOST_TAGS: usize = 2000;
/// Branches of one kind that the parser nests.
const MOST_BRANCHES: usize = 40;

/// Looks at the size alone; `None` where it is too large or no template at all.
pub(super) fn check(placed: &Placed<'_>, is_expression: bool) -> Option<()> {
    let text = &placed.text;
    if text.len() > LONGEST {
        placed.problem(format!("it has {} bytes, and {LONGEST} are allowed", text.len()), None);
        return None;
    }
    let (mut tokens, mut tags, mut branches, mut open) = (0, 0, 0, 0_usize);
    for token in machinery::tokenize(text, is_expression, Default::default()) {
        let (token, span) = token.map_err(|error| super::syntax(placed, &error)).ok()?;
        let too_many = |what: &str, most: usize| {
            let instead = "write less in one place".to_owned();
            placed.problem_at(
                span.start_offset as usize,
                format!("{what}: {most} are allowed"),
                Some(instead),
            );
        };
        match token {
            Token::VariableStart | Token::BlockStart => {
                tags += 1;
                tokens = 0;
            }
            Token::Ident("elif") => branches += 1,
            Token::Ident("if" | "for") => open += 1,
            Token::Ident("endif" | "endfor") => open = open.saturating_sub(1),
            _ => {}
        }
        tokens += 1;
        if tokens > MOST_TOKENS && !matches!(token, Token::TemplateData(_)) {
            too_many("an expression has too many parts", MOST_TOKENS);
            return None;
        }
        if tags > MOST_TAGS {
            too_many("a template has too many braces", MOST_TAGS);
            return None;
        }
        if branches > MOST_BRANCHES || (open > MOST_BRANCHES && !is_expression) {
            too_many("a template has too many branches", MOST_BRANCHES);
            return None;
        }
    }
    Some(())
}
