//! The kit finds what it is there to find: one small adapter, sound or with one flaw at a time.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;

#[path = "flaws/folder.rs"]
mod folder;
#[path = "flaws/shop.rs"]
mod shop;

use folder::{CALLBACK, MANIFEST, check, finds, folder, lost, ok, with};
use shop::Flaw;

#[test]
fn a_sound_adapter_passes_and_something_was_done() {
    let report = check(Flaw::None, |_| {});
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.replayed, 5);
    assert!(report.probes > 100, "{report}");
    assert!(report.failures > 50 && report.flips > 50 && report.losses == 4, "{report}");
}

/// One flaw of the adapter a test, and what the kit says of it.
macro_rules! finds_the_flaw {
    ($($name:ident: $flaw:ident => $what:literal;)*) => {
        $(
            #[test]
            fn $name() {
                finds(&check(Flaw::$flaw, |_| {}), $what);
            }
        )*
    };
}

/// One mistake in a file of the sound adapter's folder a test.
macro_rules! finds_the_mistake {
    ($($name:ident: $file:literal $text:literal => $replacement:literal, $what:literal;)*) => {
        $(
            #[test]
            fn $name() {
                finds(&with($file, $text, $replacement), $what);
            }
        )*
    };
}

finds_the_flaw! {
    a_panic_over_a_reply_is_found: Panics =>
        "panicked";
    a_panic_over_null_is_found: PanicsOnNull =>
        "with `id` null: the adapter panicked";
    a_repeated_creation_is_found: CreatesAgain =>
        "`make` creates something and is sent";
    a_second_creation_after_a_lost_reply_is_found: RecoversByCreating =>
        "reply 1 to `make` lost: `make` creates something and is sent 2 times";
    a_second_creation_after_a_502_is_found: RecoversByCreating =>
        "reply 1 to `make` with status 502: `make` creates something";
    a_guess_after_a_lost_reply_is_found: RecoversByCreating =>
        "`recover` sends `make`, which does more than read";
    a_guess_after_a_wait_is_found: RecoversByCreatingLater =>
        "`recover` sends `make`, which does more than read";
    a_recovery_that_never_asks_is_found: RecoversNever =>
        "`recover` waits for ever";
    personal_data_in_a_fault_is_found: RepeatsTheReply =>
        "fault's detail holds personal data";
    a_secret_in_a_fault_is_found: RepeatsTheReply =>
        "may be a secret: it goes to logs";
    personal_data_in_a_tag_is_found: PlateInTag =>
        "the step's `Debug` holds personal data";
    personal_data_in_a_path_is_found: VinInPath =>
        "the path of `hint` holds personal data of the request («Z94C0000000000001»)";
    a_path_that_leads_elsewhere_is_found: PathLeadsOut =>
        "the path of `hint` holds `..`";
    an_endless_loop_is_found: NeverEnds =>
        "does not come to an end";
    an_unknown_key_that_is_refused_is_found: RefusesUnknownKeys =>
        "with an unknown key in ``: the outcome changes";
    a_state_that_cannot_be_read_again_is_found: StateIsUnreadable =>
        "the state does not parse";
    a_state_that_forgets_is_found: StateForgets =>
        "outcome.result";
    a_field_that_is_trusted_is_found: TrustsAField =>
        "without `owner.middle_name`: the adapter panicked";
    a_decline_for_another_field_is_found: NeedsTheWrongField =>
        "without `vehicle.car_number`: the adapter says that it needs `vehicle.vin`, which is there";
    a_decline_for_an_unknown_field_is_found: NeedsAnUnknownField =>
        "names none of the partner API: «Страховщику нужно поле plate»";
    a_panic_over_a_callback_is_found: CallbackPanics =>
        "`callback` panicked";
    a_callback_in_a_fault_is_found: CallbackIsRepeated =>
        "the fault's detail repeats what was received";
}

finds_the_mistake! {
    an_assertion_that_another_hides_is_found: "fixtures/quote/ok.toml" "\"year\": 2019" =>
        "\"year\": 2018, \"year\": 2019",
        "the key `year` stands twice: the first asserts nothing";
    an_unknown_key_in_a_fixture_is_found: "fixtures/quote/ok.toml" "optional = true" =>
        "optional = true\nsurprise = 1",
        "unknown field `surprise`";
    a_wrong_path_is_found: "fixtures/quote/ok.toml" "path = \"make\"" =>
        "path = \"made\"",
        "make: path: the fixture says \"made\", the adapter \"make\"";
    a_wrong_lane_is_found: "fixtures/quote/ok.toml" "lane = \"create\"" =>
        "lane = \"poll\"",
        "make: lane: the fixture says Poll, the adapter Create";
    a_wrong_effect_is_found: "fixtures/quote/ok.toml" "effect = \"creates\"" =>
        "effect = \"read\"",
        "make: effect: the fixture says Read, the adapter Creates";
    a_header_that_is_not_sent_is_found: "fixtures/quote/ok.toml" "path = \"make\"" =>
        "path = \"make\"\nheaders = [[\"x-a\", \"1\"]]",
        "make: header x-a: the fixture says «1», the adapter nothing";
    a_status_that_is_the_hosts_is_found: "fixtures/quote/ok.toml" "reply.body" =>
        "reply.status = 503\nreply.body",
        "such replies are the host's";
    a_name_that_lies_is_found: "fixtures/quote/declined.toml" "[outcome.decline]\nkind = 'declined'\nmessage = 'нет'\n" =>
        "[outcome]\n",
        "is named `declined` and ends without a decline";
    a_literal_token_is_found: "fixtures/quote/ok.toml" "path = \"make\"" =>
        "path = \"make\"\nheaders = [[\"authorization\", \"Bearer abc\"]]",
        "the call `make` holds a secret as it is in `authorization`";
    a_secret_setting_in_a_fixture_is_found: "fixtures/quote/ok.toml" "ids =" =>
        "settings.callback_secret = \"id-0\"\nids =",
        "the call `make` holds the secret `callback_secret` as it is";
    an_undeclared_secret_is_found: "fixtures/quote/ok.toml" "path = \"make\"" =>
        "path = \"make\"\nheaders = [[\"x-a\", \"{{secret:key}}\"]]",
        "a call holds the secret `key`: declare [settings.key]";
    an_undeclared_user_is_found: "fixtures/quote/ok.toml" "path = \"make\"" =>
        "path = \"make\"\nheaders = [[\"x-a\", \"{{basic:user:callback_secret}}\"]]",
        "proves who asks with `user`: declare [settings.user]";
    a_slot_that_is_none_is_found: "fixtures/quote/ok.toml" "path = \"make\"" =>
        "path = \"make\"\nheaders = [[\"x-a\", \"{{token}}\"]]",
        "holds `{{token}}`, which is no slot";
    a_session_slot_without_a_session_is_found: "fixtures/quote/ok.toml" "path = \"make\"" =>
        "path = \"make\"\nheaders = [[\"x-a\", \"{{session}}\"]]",
        "holds {{session}} without auth";
    a_session_without_its_slot_is_found: "fixtures/quote/ok.toml" "auth = \"none\"" =>
        "auth = \"session\"",
        "has a session and holds no {{session}}";
    a_reply_header_that_is_not_passed_on_is_found: "fixtures/quote/ok.toml" "reply.body" =>
        "reply.headers = [[\"x-id\", \"1\"]]\nreply.body",
        "would not pass on the reply's header `x-id`";
    a_company_that_is_not_declared_is_found: "fixtures/quote/ok.toml" "key = \"one\"" =>
        "key = \"one\"\ncompany = \"x\"",
        "the company `x`, which the manifest does not declare";
    an_undeclared_lane_is_found: "manifest.toml" "[lanes.poll]" =>
        "[lanes.payment]",
        "calls on a lane without defaults: add [lanes.poll]";
    an_unsigned_signature_is_found: "manifest.toml" "[callback]" =>
        "[signature]\nheader = \"X-Sign\"\nsecret = \"key\"\n[callback]",
        "declare [settings.key] with secret = true";
    a_signature_in_capitals_is_found: "manifest.toml" "[callback]" =>
        "[signature]\nheader = \"X-Sign\"\nsecret = \"callback_secret\"\n[callback]",
        "[signature] header `X-Sign` is not in lower case";
    a_reply_header_in_capitals_is_found: "manifest.toml" "vehicles =" =>
        "reply_headers = [\"X-Id\"]\nvehicles =",
        "reply_headers has `X-Id`, which is not in lower case";
    a_region_that_is_none_is_found: "manifest.toml" "purposes =" =>
        "regions = [\"Москва\"], purposes =",
        "scope.regions has `Москва`: a region is the first two digits";
    two_lists_of_regions_is_found: "manifest.toml" "purposes =" =>
        "regions = [\"77\"], regions_except = [\"50\"], purposes =",
        "scope has both `regions` and `regions_except`";
    a_scope_that_takes_nobody_is_found: "manifest.toml" "purposes =" =>
        "least_age = 30, greatest_age = 20, purposes =",
        "least_age 30 is above greatest_age 20";
    a_scope_without_its_own_example_is_found: "manifest.toml" "purposes =" =>
        "regions = [\"50\"], purposes =",
        "own [scope] would skip this request";
    companies_that_are_one_is_found: "manifest.toml" "[callback]" =>
        "[companies]\na = { name = \"А\", partner_code = 5 }\nb = { name = \"Б\", partner_code = 5 }\n[callback]",
        "[companies.b] and [companies.a] have the same partner_code 5";
    a_secret_that_is_shown_is_found: "manifest.toml" "[lanes.create]" =>
        "[settings.api_key]\ndoc = \"x\"\n[lanes.create]",
        "[settings.api_key] is shown to whoever reads the settings";
    a_certificate_that_nobody_tells_of_is_found: "manifest.toml" "vehicles =" =>
        "client_certificate = true\nvehicles =",
        "the insurer wants a client certificate: tell how";
    a_heading_that_is_missing_is_found: "README.md" "## Quirks" =>
        "## Odds",
        "has no `## Quirks`";
}

#[test]
fn a_fixture_that_says_something_else_fails() {
    let report = check(Flaw::None, |shop| {
        let text = ok("hint").replace("premium.final = 1250", "premium.final = 1251");
        fs::write(shop.join("fixtures/quote/ok.toml"), text).unwrap();
        let text = ok("hint").replace("ids = [\"id-0\"]", "ids = [\"id-0\", \"never\"]");
        fs::write(shop.join("fixtures/quote/declined.toml"), text).unwrap();
    });
    finds(&report, "result[1].premium.final: the fixture says 1251, the adapter 1250");
    finds(&report, "the fixture gives 2, the adapter draws 1");
}

#[test]
fn a_lost_reply_and_a_callback_that_go_otherwise_fail() {
    let report = check(Flaw::None, |shop| {
        let text = lost("hint").replace("wait_ms = 1000", "wait_ms = 2000");
        fs::write(shop.join("fixtures/quote/reply_lost.toml"), text).unwrap();
        let text = CALLBACK.replace("correlation = 'r-1'", "correlation = 'r-2'");
        fs::write(shop.join("fixtures/callback/other.toml"), text).unwrap();
        fs::write(shop.join("fixtures/callback/strict.toml"), format!("{CALLBACK}surprise = 1\n")).unwrap();
    });
    finds(&report, "fixtures/quote/reply_lost.toml: step 1: wait_ms: the adapter waits 1000 ms");
    finds(&report, "fixtures/callback/other.toml: the fixture says");
    finds(&report, "unknown field `surprise`");
    assert_eq!(report.problems.len(), 3, "{report}");
}

#[test]
fn the_folder_is_looked_at_as_a_whole() {
    let report = check(Flaw::None, |shop| {
        fs::remove_file(shop.join("README.md")).unwrap();
        fs::remove_file(shop.join("fixtures/quote/declined.toml")).unwrap();
        fs::remove_file(shop.join("fixtures/callback/ok.toml")).unwrap();
        fs::write(shop.join("notes.doc"), "").unwrap();
        let manifest = MANIFEST
            .replace("\"shop\"", "\"store\"")
            .replace("[\"quote\"]", "[\"quote\", \"draft\"]")
            .replace("5/s", "5 per s")
            .replace("x-signature", "X-Signature")
            .replace("default = \"\"", "");
        fs::write(shop.join("manifest.toml"), manifest).unwrap();
        folder(shop, &[("fixtures/quoting/ok.toml", ok("hint")), ("fixtures/login/ok.toml", ok("hint"))]);
    });
    for what in [
        "README.md: is missing",
        "fixtures/quote/declined.toml: is missing",
        "notes.doc: does not belong here",
        "code is `store`",
        "claims `draft`, which the adapter lacks",
        "`5 per s` is no rate",
        "no operation has that name",
        "the adapter has no such operation",
        "fixtures/callback/ok.toml is not",
        "declare [settings.callback_secret] with secret = true and default",
        "header `X-Signature` is not in lower case",
    ] {
        finds(&report, what);
    }
}
