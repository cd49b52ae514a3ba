//! How an insurer is spoken with, where that may change while conversations go on.
//!
//! An adapter that is built in stays what it is. A spec is exchanged when its file changes: whoever begins a
//! conversation takes the [`Revision`] of that moment and holds it to the end. A conversation that goes on after
//! a restart asks the [`Speaker`] for the revision that saved it; where that is not to be had, it gets the current
//! one, which refuses a state that it did not save.
//!
//! Earlier revisions come back from their texts in the store and are compiled when somebody needs them. All
//! accounts of one adapter share its speaker, so an alias follows its adapter.

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;
use veer_contract::{Adapter, SavedState};

/// An adapter as one conversation holds it. Cheap to clone.
#[derive(Clone)]
pub struct Revision(Kind);

#[derive(Clone)]
enum Kind {
    BuiltIn(&'static dyn Adapter),
    Spec { adapter: Arc<dyn Adapter>, number: u32 },
}

/// The adapter of one insurer, and those that it was before.
pub struct Speaker {
    current: ArcSwap<Revision>,
    earlier: Mutex<BTreeMap<u32, Arc<Earlier>>>,
}

/// Makes an earlier revision from its text when somebody needs it.
type Make = Box<dyn FnOnce() -> Option<Revision> + Send>;
type Earlier = LazyLock<Option<Revision>, Make>;

// === impl Revision ===

impl Revision {
    /// An adapter that is part of the program.
    pub fn built_in(adapter: &'static dyn Adapter) -> Self {
        Self(Kind::BuiltIn(adapter))
    }

    /// A spec; its flows save their states under `number`.
    pub fn of_spec(adapter: Arc<dyn Adapter>, number: u32) -> Self {
        Self(Kind::Spec { adapter, number })
    }

    /// The adapter itself, to be held by others.
    pub fn shared(&self) -> Arc<dyn Adapter> {
        match &self.0 {
            Kind::BuiltIn(adapter) => Arc::new(*adapter),
            Kind::Spec { adapter, .. } => adapter.clone(),
        }
    }

    /// Which revision of a spec it is; none of what is built in.
    pub fn number(&self) -> Option<u32> {
        match &self.0 {
            Kind::BuiltIn(_) => None,
            Kind::Spec { number, .. } => Some(*number),
        }
    }
}

impl Deref for Revision {
    type Target = dyn Adapter;

    fn deref(&self) -> &Self::Target {
        match &self.0 {
            Kind::BuiltIn(adapter) => *adapter,
            Kind::Spec { adapter, .. } => &**adapter,
        }
    }
}

// === impl Speaker ===

impl Speaker {
    /// Speaks as `revision` does.
    pub fn new(revision: Revision) -> Self {
        Self { current: ArcSwap::from_pointee(revision), earlier: Mutex::default() }
    }

    /// The revision that conversations begin with now.
    pub fn current(&self) -> Revision {
        Revision::clone(&self.current.load())
    }

    /// The revision that saved `state`, or else the current one.
    pub fn of_state(&self, state: &SavedState) -> Revision {
        let current = self.current();
        if current.number().is_none_or(|number| number == state.version) {
            return current;
        }
        let earlier = self.earlier().get(&state.version).cloned();
        earlier.and_then(|earlier| LazyLock::force(&earlier).clone()).unwrap_or(current)
    }

    /// Conversations begin with `new` from now on; those under way go on as they are.
    pub fn exchange(&self, new: Revision) {
        let old = self.current.swap(Arc::new(new));
        if let Some(number) = old.number() {
            self.remember(number, move || Some(Revision::clone(&old)));
        }
    }

    /// Knows how to make the earlier revision `number` again.
    pub fn remember(&self, number: u32, make: impl FnOnce() -> Option<Revision> + Send + 'static) {
        let earlier: Earlier = LazyLock::new(Box::new(make));
        self.earlier().insert(number, Arc::new(earlier));
    }

    /// Nothing can need any other earlier revision than these.
    pub fn remember_only(&self, numbers: &[u32]) {
        self.earlier().retain(|number, _| numbers.contains(number));
    }

    fn earlier(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<Earlier>>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use veer_contract::Manifest;

    use super::*;

    struct Named(Manifest);

    impl Adapter for Named {
        fn manifest(&self) -> &Manifest {
            &self.0
        }
    }

    fn revision(number: u32) -> Revision {
        let text = format!(
            "contract = 1\ncode = 'x'\nname = 'revision {number}'\nprotocol = 'none'\noperations = []\nlanes = {{}}"
        );
        Revision::of_spec(Arc::new(Named(toml::from_str(&text).unwrap())), number)
    }

    fn state(version: u32) -> SavedState {
        SavedState { version, json: "{}".into() }
    }

    fn name(revision: &Revision) -> &str {
        &revision.manifest().name
    }

    #[test]
    fn a_conversation_keeps_the_revision_that_it_began_with() {
        let speaker = Speaker::new(revision(1));
        let begun = speaker.current();
        speaker.exchange(revision(2));
        assert_eq!((name(&begun), name(&speaker.current())), ("revision 1", "revision 2"));
        assert_eq!(name(&speaker.of_state(&state(1))), "revision 1");
        assert_eq!(name(&speaker.of_state(&state(2))), "revision 2");
    }

    #[test]
    fn an_earlier_revision_is_made_when_it_is_needed_and_not_before() {
        let speaker = Speaker::new(revision(3));
        speaker.remember(1, || panic!("nobody needs it"));
        speaker.remember(2, || Some(revision(2)));
        assert_eq!(name(&speaker.of_state(&state(2))), "revision 2");
        assert_eq!(
            name(&speaker.of_state(&state(9))),
            "revision 3",
            "nobody has it: the current one says no"
        );
        speaker.remember_only(&[1]);
        assert_eq!(name(&speaker.of_state(&state(2))), "revision 3");
    }

    #[test]
    fn what_is_built_in_reads_states_of_every_version_itself() {
        let adapter: &'static dyn Adapter = Box::leak(Box::new(Named(revision(1).manifest().clone())));
        let speaker = Speaker::new(Revision::built_in(adapter));
        assert_eq!(speaker.of_state(&state(77)).number(), None);
    }
}
