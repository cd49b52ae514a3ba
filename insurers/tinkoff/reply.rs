//! What the service answers: `Header/resultInfo` with a status, mistakes in `validInfo`, or a SOAP fault.

use veer_contract::{Decline, DeclineKind, Fault, FaultKind, Reply, create_then_poll::Refusal};

use crate::{registry, soap, xml::Element};

/// Words of a refused account; there is no code for it.
const ABOUT_THE_ACCOUNT: [&str; 7] =
    ["парол", "логин", "аутентифик", "авториз", "учетная запись", "учётная запись", "producercode"];

/// An answer with a status.
pub(super) struct Answer<'r> {
    tree: Element,
    tag: &'r str,
}

// === impl Answer ===

impl<'r> Answer<'r> {
    /// Reads an answer; a SOAP fault is the insurer's error, and so is a refused account the operator's.
    pub(super) fn read(reply: &'r Reply) -> Result<Self, Fault> {
        let broken = |what: &str| soap::broken(reply, what);
        let tree = Element::parse(&reply.text()).map_err(|_| broken("is not XML"))?;
        if tree.find("Fault").is_some() {
            // The fault's words are not told, for they may repeat what was sent.
            let detail = format!("the service answered a SOAP fault to `{}`", reply.tag);
            return Err(Fault::new(FaultKind::InsurerError, detail));
        }
        let answer = Self { tree, tag: &reply.tag };
        if answer.result("status").is_none() {
            return Err(broken("has no resultInfo with a status"));
        }
        let words = answer.words().to_lowercase();
        if !answer.is_ok() && ABOUT_THE_ACCOUNT.iter().any(|word| words.contains(word)) {
            let detail = "the service refuses user, password or producerCode, by its words";
            return Err(Fault::new(FaultKind::CredentialsRefused, detail));
        }
        Ok(answer)
    }

    /// Reads the answer to a call that the insurer may say no to: in its words, or in these where it has none.
    pub(super) fn granted(reply: &'r Reply, otherwise: &str) -> Result<Self, Refusal> {
        let answer = Self::read(reply)?;
        if answer.is_ok() { Ok(answer) } else { Err(answer.refusal(otherwise)) }
    }

    /// Reads the answer to a question about a set. A no there is no answer to it: what was accepted is not refused
    /// because it cannot be looked up.
    pub(super) fn told(reply: &'r Reply) -> Result<Self, Refusal> {
        let answer = Self::read(reply)?;
        let words = answer.words();
        if answer.is_ok() {
            Ok(answer)
        } else if registry::is_outage(words) || registry::is_failed_check(words) {
            Err(answer.refusal(""))
        } else {
            // The words are not told: they may repeat what was sent.
            let detail = format!("the service answered a status other than OK to `{}`", answer.tag);
            Err(Fault::new(FaultKind::InsurerError, detail).into())
        }
    }

    /// Whether the status is a yes.
    pub(super) fn is_ok(&self) -> bool {
        self.result("status").is_some_and(|status| status.eq_ignore_ascii_case("OK"))
    }

    /// The end that the insurer's words mean: the registry's no or outage, mistakes in the data, or its own no.
    pub(super) fn refusal(&self, otherwise: &str) -> Refusal {
        let mistakes = self.mistakes();
        let all = std::iter::once(self.words()).chain(mistakes.iter().map(String::as_str));
        if let Some(text) =
            all.into_iter().find(|text| registry::is_outage(text) || registry::is_failed_check(text))
        {
            return registry::refusal(text, otherwise);
        }
        if mistakes.is_empty() {
            registry::refusal(self.words(), otherwise)
        } else {
            Decline::new(DeclineKind::RejectedData, mistakes.join("; ")).into()
        }
    }

    /// The insurer's words; empty where it gave none.
    fn words(&self) -> &str {
        self.result("descr").unwrap_or_default()
    }

    /// What is wrong with single fields, each once: what stands before the code.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for info in self.all("validInfo") {
            let text = info.find_text("description").unwrap_or_default();
            let text = text.split(';').next().unwrap_or_default().trim();
            if !text.is_empty() && !found.iter().any(|known| known == text) {
                found.push(text.to_owned());
            }
        }
        found
    }

    /// The first element of that local name.
    pub(super) fn element(&self, name: &str) -> Option<&Element> {
        self.tree.find(name)
    }

    /// Every element of that local name.
    pub(super) fn all(&self, name: &str) -> Vec<&Element> {
        let mut found = Vec::new();
        collect(&self.tree, name, &mut found);
        found
    }

    /// A text of the answer.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.tree.find_text(name)
    }

    /// A text that a success cannot lack.
    pub(super) fn needs(&self, name: &str) -> Result<&str, Fault> {
        self.text(name).ok_or_else(|| self.lacks(name))
    }

    /// The fault of a success that lacks something.
    pub(super) fn lacks(&self, name: &str) -> Fault {
        Fault::not_understood(format!("a successful {} has no {name}", self.tag))
    }

    fn result(&self, name: &str) -> Option<&str> {
        self.tree.find("resultInfo")?.find_text(name)
    }
}

/// The tree is not deeper than its reader lets it be.
fn collect<'e>(element: &'e Element, name: &str, found: &mut Vec<&'e Element>) {
    if element.is(name) {
        found.push(element);
    }
    element.children().iter().for_each(|child| collect(child, name, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(inside: &str) -> Reply {
        let body = format!("<R><Header><resultInfo>{inside}</resultInfo></Header></R>");
        Reply { tag: "m".into(), status: 200, headers: Vec::new(), body: body.into_bytes() }
    }

    fn refused(inside: &str) -> Refusal {
        Answer::granted(&reply(&format!("<status>ERROR</status>{inside}")), "нет").err().unwrap()
    }

    fn words(text: &str) -> String {
        format!("<errorInfo><descr>{text}</descr></errorInfo>")
    }

    fn mistake(text: &str) -> String {
        format!("<validInfo><description>{text}</description></validInfo>")
    }

    #[test]
    fn mistakes_are_told_without_their_codes_and_each_once() {
        let twice = mistake("Неверная дата;101") + &mistake("Неверная дата;102") + &mistake(" Нет VIN ");
        let decline = Decline::new(DeclineKind::RejectedData, "Неверная дата; Нет VIN");
        assert_eq!(refused(&(words("Ошибка проверки") + &twice)), decline.into());
    }

    #[test]
    fn the_registrys_words_are_found_in_either_place() {
        let failed = Decline::new(DeclineKind::RegistryCheckFailed, "Не пройдена проверка РСА");
        assert_eq!(refused(&words("Не пройдена проверка РСА")), failed.clone().into());
        assert_eq!(refused(&(words("Ошибка") + &mistake("Не пройдена проверка РСА;7"))), failed.into());
        let outage = refused(&mistake("АИС ОСАГО не отвечает;7"));
        assert!(matches!(outage, Refusal::Fault(Fault { kind: FaultKind::RegistryDown, .. })));
    }

    #[test]
    fn a_no_without_words_gets_some_and_a_refused_account_is_no_no() {
        assert_eq!(refused(""), Decline::declined("нет").into());
        let refused = refused(&words("Неверный логин или пароль"));
        assert!(matches!(refused, Refusal::Fault(Fault { kind: FaultKind::CredentialsRefused, .. })));
    }
}
