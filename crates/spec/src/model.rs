//! A compiled spec: what was written, checked and ready to run.

use std::{collections::BTreeSet, time::Duration};

use minijinja::{Expression, Value};
use veer_contract::{Auth, DeclineKind, FaultKind, Lane, Method, OperationKind};

use crate::{check::Uses, engine::Place, value::Why};

/// An expression, with its place in the spec for faults.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) place: String,
    pub(crate) code: Expression<'static, 'static>,
}

/// A template, kept by the spec's [`Templates`](crate::engine::Templates).
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) place: String,
    pub(crate) stands: Place,
    pub(crate) name: String,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) kind: OperationKind,
    /// Names of fresh ids.
    pub(crate) ids: Vec<String>,
    /// The setting with the companies that are not asked.
    pub(crate) companies_off: Option<String>,
    pub(crate) steps: Vec<Step>,
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    /// It is one of many: a company's, or an item's of a list.
    pub(crate) each: Option<Each>,
    pub(crate) condition: Option<Expr>,
    pub(crate) wait: Option<Duration>,
    pub(crate) every: Option<Duration>,
    pub(crate) call: Option<CallSpec>,
    /// The step that asks what became of a lost call.
    pub(crate) lost: Option<usize>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) expect: Vec<(Expr, String)>,
    pub(crate) take: Vec<Take>,
    pub(crate) result: Option<ResultSpec>,
    /// Everything that its expressions and templates see.
    pub(crate) uses: Uses,
}

/// Whose step it is, where several go through it.
#[derive(Debug)]
pub(crate) struct Each {
    /// The name under which expressions see it: `company`, or the spec's own.
    pub(crate) name: String,
    /// The list whose items go through the steps; nothing for companies, and in all steps but the first.
    pub(crate) of: Option<Expr>,
    /// Calls that are under way at once.
    pub(crate) at_once: usize,
}

/// A call.
#[derive(Debug)]
pub(crate) struct CallSpec {
    pub(crate) lane: Lane,
    pub(crate) effect: EffectSpec,
    pub(crate) method: Method,
    pub(crate) path: Template,
    /// What stands in the path, such as `taken.id`.
    pub(crate) in_path: BTreeSet<String>,
    pub(crate) query: Vec<Pair>,
    pub(crate) headers: Vec<Pair>,
    pub(crate) auth: Auth,
    pub(crate) accept: Vec<u16>,
    pub(crate) optional: bool,
    pub(crate) body: BodySpec,
}

/// What may be repeated.
#[derive(Debug)]
pub(crate) enum EffectSpec {
    Read,
    Keyed(Template),
    Creates,
}

/// A query parameter or a header.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) condition: Option<Expr>,
    pub(crate) value: Template,
}

/// A body.
#[derive(Debug)]
pub(crate) enum BodySpec {
    Empty,
    Json(Template),
    Xml { content_type: String, text: Template },
    Form(Vec<FormPart>),
}

/// Fields of a form: always, under a condition, or for each item of a list.
#[derive(Debug)]
pub(crate) struct FormPart {
    pub(crate) condition: Option<Expr>,
    pub(crate) each: Option<Expr>,
    pub(crate) fields: Vec<(Template, Template)>,
}

/// A rule about a reply.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Always, where there is none.
    pub(crate) when: Option<Expr>,
    pub(crate) then: Then,
}

/// What follows where a rule holds.
#[derive(Debug)]
pub(crate) enum Then {
    Again,
    Go,
    Done,
    Decline { words: Template, kind: DeclineAs },
    Fail { kind: FaultKind, detail: String },
}

/// What kind of no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeclineAs {
    Kind(DeclineKind),
    /// The words decide.
    ByWords,
}

/// A name for a value.
#[derive(Debug)]
pub(crate) struct Take {
    pub(crate) name: String,
    pub(crate) value: Expr,
    /// It becomes a part of a path.
    pub(crate) is_id: bool,
}

/// What an operation gives.
#[derive(Debug)]
pub(crate) enum ResultSpec {
    Offer(Box<OfferSpec>),
    Session { token: Expr, seconds: Option<Expr> },
    Link { url: Expr, amount: Option<Expr>, reference: Vec<(String, Expr)>, correlation: Option<Expr> },
    Payment(Expr),
    Document(DocumentSpec),
    Policy { number: NumberSpec, document: Option<DocumentSpec> },
    Cancelled,
    Vehicles(Box<RowsSpec>),
    Found(Box<FoundSpec>),
}

/// An offer.
#[derive(Debug)]
pub(crate) struct OfferSpec {
    pub(crate) premium: Expr,
    pub(crate) is_final: Final,
    pub(crate) reference: Vec<(String, Expr)>,
    pub(crate) key: Option<Expr>,
    pub(crate) company: Option<Expr>,
    pub(crate) message: Option<Expr>,
    pub(crate) prolongation: Option<Expr>,
    pub(crate) external_prolongation: Option<Expr>,
    pub(crate) reinsurance_pool: Option<Expr>,
    pub(crate) coefficients: Vec<(String, Expr)>,
    pub(crate) drivers: Option<(Expr, Vec<(String, Expr)>)>,
    pub(crate) cross_sales: Option<Expr>,
}

/// How firm a price is.
#[derive(Debug)]
pub(crate) enum Final {
    Always(bool),
    Where(Expr),
}

/// Where a file is.
#[derive(Debug)]
pub(crate) enum DocumentSpec {
    /// The reply itself.
    Bytes,
    Base64(Expr),
}

/// Where a policy's series and number are.
#[derive(Debug)]
pub(crate) enum NumberSpec {
    Apart { series: Expr, number: Expr },
    Joined(Expr),
}

/// Rows of a vehicle dictionary.
#[derive(Debug)]
pub(crate) struct RowsSpec {
    pub(crate) each: Expr,
    pub(crate) inner: Option<Expr>,
    pub(crate) columns: Vec<(String, Expr)>,
}

/// A vehicle that was looked up.
#[derive(Debug)]
pub(crate) struct FoundSpec {
    pub(crate) fields: Vec<(String, Expr)>,
    pub(crate) documents: Vec<Vec<(String, Expr)>>,
}

// === impl Expr ===

impl Expr {
    /// Its value.
    pub(crate) fn value(&self, scene: &Value) -> Result<Value, Why> {
        self.code.eval(scene.clone()).map_err(|error| Why::of(&error))
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, scene: &Value) -> Result<bool, Why> {
        self.value(scene).map(|value| value.is_true())
    }
}

// === impl Each ===

impl Each {
    /// The name of a company.
    pub(crate) const COMPANY: &'static str = "company";

    /// Whether the companies of the manifest go through the steps.
    pub(crate) fn is_company(&self) -> bool {
        self.name == Self::COMPANY
    }
}

// === impl Step ===

impl Step {
    /// Whether each company goes through it.
    pub(crate) fn is_companies(&self) -> bool {
        self.each.as_ref().is_some_and(Each::is_company)
    }
}

// === impl Operation ===

impl Operation {
    /// Whether its result is its end: only prices and dictionaries come in several.
    pub(crate) fn ends_with_its_result(kind: OperationKind) -> bool {
        !matches!(kind, OperationKind::Quote | OperationKind::Vehicles)
    }
}
