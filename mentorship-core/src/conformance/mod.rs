//! The suite that every store has to pass, and what it is made of.
//!
//! A backend names one function that makes an empty store and runs a case on it; the macro
//! [`store_conformance!`](crate::store_conformance) turns every case into a test of its own:
//!
//! ```ignore
//! fn run(case: mentorship_core::conformance::Case) {
//!     let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
//!     runtime.block_on(async {
//!         case(Harness { store: Arc::new(MyStore::empty().await), spawner: Arc::new(Tokio) }).await;
//!     });
//! }
//! mentorship_core::store_conformance!(run);
//! ```
//!
//! Cases are plain functions that panic when a store does not keep the contract. Nothing sleeps and
//! nothing reads the clock of the machine; races run on real tasks that the harness spawns.
//!
//! Besides: [`World`](world::World), a service over any store with a clock and a host that a test
//! controls; [`census`], which reads everything back and checks the invariants; and
//! [`Unguarded`](unguarded::Unguarded), which takes guards away to show that something notices. A test
//! that needs another store in between makes one with [`Through`](through::Through).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a suite of tests states what it expects and fails by panicking"
)]

pub mod adminless;
pub mod afterwards;
pub mod answers;
pub mod belts;
pub mod between;
pub mod bulk;
pub mod caps;
pub mod case_lists;
pub mod census;
pub mod consent;
pub mod consumers;
pub mod contract;
pub mod erasure;
pub mod facts;
pub mod forgetting;
pub mod frozen;
pub mod history;
pub mod listings;
pub mod make;
pub mod messages;
pub mod official;
pub mod overseen;
pub mod pages;
pub mod permissions;
pub mod privacy;
pub mod races;
pub mod renames;
pub mod reports;
pub mod rounds;
pub mod run_records;
pub mod runs;
pub mod service;
pub mod signals;
pub mod statistics;
pub mod teeth;
pub mod through;
pub mod unguarded;
pub mod visible;
pub mod world;
pub mod writing;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use async_trait::async_trait;

use crate::store::Store;

/// A task of a race.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A case of the suite.
pub type Case = fn(Harness) -> Task;

/// Runs tasks at the same time, on as many threads as the runtime has.
#[async_trait]
pub trait Spawner: fmt::Debug + Send + Sync {
    /// Runs all of them concurrently and waits for all. A task that panics makes this panic.
    async fn all(&self, tasks: Vec<Task>);
}

/// An empty store and a way to run tasks.
#[derive(Clone, Debug)]
pub struct Harness {
    /// The store under test. Nobody else uses it.
    pub store: Arc<dyn Store>,
    /// How races are run.
    pub spawner: Arc<dyn Spawner>,
}

/// Makes a test of every case. See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! store_conformance {
    ($run:ident) => {
        $crate::store_conformance! { @list each $run }
    };
    (@list $how:ident $run:ident) => {
        $crate::store_conformance! { @$how $run;
            contract: person_comes_back person_is_guarded person_read_only_guard_conflicts
                person_must_not_exist person_counts_versions person_leaves_no_trace
                person_stays_in_its_tenant
                relation_comes_back relation_is_guarded relation_read_only_guard_conflicts
                relation_must_not_exist relation_counts_versions relation_leaves_no_trace
                relation_stays_in_its_tenant
                program_comes_back program_is_guarded program_read_only_guard_conflicts
                program_must_not_exist program_counts_versions program_leaves_no_trace
                program_stays_in_its_tenant
                enrollment_comes_back enrollment_is_guarded
                enrollment_read_only_guard_conflicts enrollment_must_not_exist
                enrollment_counts_versions enrollment_leaves_no_trace
                enrollment_stays_in_its_tenant
                proposal_comes_back proposal_is_guarded proposal_read_only_guard_conflicts
                proposal_must_not_exist proposal_counts_versions proposal_leaves_no_trace
                proposal_stays_in_its_tenant
                pair_comes_back pair_is_guarded pair_read_only_guard_conflicts
                pair_must_not_exist pair_counts_versions pair_leaves_no_trace
                pair_stays_in_its_tenant
                case_comes_back case_is_guarded case_read_only_guard_conflicts
                case_must_not_exist case_counts_versions case_leaves_no_trace
                case_stays_in_its_tenant evidence_comes_back
                steps_posts_and_check_ins_come_back forms_and_guides_are_never_replaced
                touching_makes_an_empty_person_or_relation
                touching_what_is_not_there_is_refused host_keys_are_compared_byte_for_byte
                a_view_of_nothing_is_nothing a_command_is_stored_once
                a_repeated_command_wins_over_a_broken_guard an_empty_set_is_stored;
            belts: one_live_enrollment_per_role one_live_pair_of_two_people
                one_open_proposal_of_two_people no_live_pair_between_blocked_people
                no_open_proposal_between_blocked_people no_block_over_a_live_pair
                a_block_with_the_end_of_the_pair_is_one_set no_more_pairs_than_places
                a_lowered_capacity_keeps_what_lives no_pair_without_known_ages
                no_pair_with_a_minor no_age_taken_back_under_a_live_pair
                a_frozen_pair_needs_no_ages an_ended_pair_stays_ended
                a_settled_proposal_stays_settled a_closed_enrollment_stays_closed
                an_archived_program_stays_archived one_open_report_of_one_thing
                nobody_reports_themselves evidence_is_never_replaced a_closed_case_stays_closed
                an_end_and_a_beginning_are_one_set;
            case_lists: cases_page cases_of_a_program_page cases_of_the_platform_page
                cases_of_a_reporter_page cases_about_a_person_page
                a_queue_of_cases_leaves_out_what_is_hidden
                a_page_of_a_queue_is_full_whatever_is_hidden
                the_log_leaves_out_cases_that_are_hidden;
            listings: programs_page programs_of_a_group_page enrollments_page
                enrollments_by_state_page enrollments_by_role_page enrollments_of_a_person_page
                candidates_page the_pool_pages what_is_known_of_two_pages proposals_page
                proposals_by_state_page proposals_of_a_place_page
                proposals_for_a_person_page runs_page proposals_of_a_run_page pairs_page pairs_by_state_page pairs_of_a_person_page
                posts_page posts_of_a_step_page check_ins_page blocks_page avoids_page
                wishes_page relations_page banned_people_page muted_people_page
                audit_page
                audit_of_a_program_page audit_of_a_record_page audit_of_an_actor_page due_page
                private_events_are_kept_from_a_program a_malformed_cursor_is_refused a_limit_is_held an_unknown_state_lists_nothing
                what_is_not_due_is_not_listed;
            between: candidates_say_what_stands_between the_pool_says_what_is_known;
            messages: a_message_is_claimed_once a_lease_runs_out an_acknowledged_message_is_gone
                an_overtaken_receipt_does_nothing a_message_between_blocked_people_is_dropped
                a_message_about_a_block_elsewhere_arrives claims_keep_order claims_are_bounded
                claims_can_be_of_one_tenant claims_can_begin_after_a_tenant
                messages_of_a_refused_set_do_not_exist;
            service: a_whole_program_from_template_to_goodbye an_application_needs_approval
                a_minor_is_refused_with_one_neutral_code every_failed_rule_is_on_record
                answers_are_checked_by_name first_acceptance_wins an_offer_expires_and_not_early
                a_declined_choice_makes_room_for_the_next a_block_ends_everything_silently
                a_block_and_no_block_look_the_same_to_the_other a_pause_shifts_the_steps
                an_idle_pair_is_reminded_and_then_ends quiet_hours_hold_reminders_back
                a_paused_enrollment_resumes_by_itself a_correction_of_age_freezes
                leaving_the_group_ends_what_was_there a_cohort_closes_by_itself
                archiving_gives_notice posts_are_for_the_two_alone an_edit_counts_revisions
                a_live_pair_keeps_its_guide the_same_command_twice_is_one
                a_command_id_for_something_else_is_refused every_change_is_audited_once
                a_block_is_private_in_the_audit_log tenants_never_meet
                a_draft_is_seen_by_its_admins_only an_admin_never_decides_about_themselves;
            privacy: what_falls_by_a_block_looks_like_any_other_fall
                a_refused_applicant_reads_no_rule what_is_left_to_read_depends_on_who_ended_it
                a_block_and_an_end_leave_the_same_to_read nothing_is_shared_after_the_end
                a_decline_and_a_block_look_the_same_to_the_other
                the_words_at_an_end_are_for_whom_they_were_meant
                a_testimonial_is_read_by_admins_and_staff partners_see_what_partners_may;
            visible: every_cell_of_what_is_seen_is_as_the_table_says;
            answers: d34_a_partner_reads_no_special_category
                d6_a_directory_has_no_gaps_where_somebody_is_hidden a_directory_is_for_the_group;
            consent: d33_tightening_holds_for_live_pairs_at_once
                d33_what_is_written_unread_is_never_read_by_widening_again
                d33_a_pair_formed_after_tightening_is_never_read d33_widening_needs_a_yes_of_both
                d33_consent_is_ones_own_and_to_what_the_program_says_now
                d33_a_wider_audience_needs_ones_own_yes;
            writing: the_hosts_filter_sees_every_text_of_a_pair
                the_hosts_filter_is_no_way_around_a_rule
                the_hosts_filter_sees_the_note_of_an_end;
            statistics: row_65_staff_reads_every_number row_65_an_admin_is_told_ranges
                row_65_admins_are_told_answers_of_the_last_month
                i10_numbers_tell_no_block_from_another_end d9_an_admin_counts_whom_they_see
                d31_an_admin_counts_no_draft_of_their_own d23_a_frozen_pair_counts_as_paused
                row_65_of_each_side_the_latest_answer_counts
                row_65_admins_are_told_how_many_wishes_keep_apart
                row_65_pairs_count_by_shown_reason_and_progress a_tally_stays_in_its_program
                row_65_a_host_widens_the_ranges;
            signals: row_58_blocks_count_while_they_stand row_58_reporters_count_once
                row_58_a_quick_end_counts_for_the_other signals_page
                row_58_nobody_reads_of_themselves_or_a_partner
                row_58_a_report_from_which_staff_is_recused_does_not_count row_58_reports_count_by_what_was_decided_last row_58_reading_signals_is_on_record
                row_58_a_signal_has_no_effect;
            permissions: every_cell_is_as_the_table_says no_cell_is_reached_from_elsewhere
                a_draft_is_not_open;
            official: an_admin_reads_no_special_category_rule
                a_refused_attempt_to_pair_is_on_record a_refused_attempt_twice_is_one
                a_supervised_read_is_on_record reading_an_application_is_on_record
                an_admin_who_is_blocked_reads_only_absence
                a_block_takes_people_out_of_an_admins_reach;
            forgetting: a_forgotten_event_is_gone_everywhere
                d21_the_audit_log_is_kept_as_long_as_the_host_says;
            overseen: what_admins_change_is_told_to_the_platform
                what_admins_change_in_two_programs_is_told_of_each
                d12_no_act_of_an_admin_tells_of_a_case_of_the_group;
            afterwards: d24_reports_blocks_appeals_and_exports_go_on_in_the_archive
                d29_the_partner_waits_since_they_first_did
                d29_an_open_case_goes_on_without_its_member;
            adminless: d30_without_an_admin_no_pair_is_formed
                d30_only_what_forms_pairs_is_halted;
            pages: a_page_of_ones_own_log_is_bounded
                d6_an_admins_pages_have_no_gap_where_somebody_is_hidden
                d9_a_page_of_testimonials_goes_on_after_a_pair_that_is_shown
                d31_an_admins_pages_have_no_gap_where_they_are_staged
                what_is_a_draft_leaves_no_gap;
            races: block_against_accept accept_against_block two_acceptances_for_one_place
                many_acceptances_for_few_places lowered_capacity_against_accept
                pause_against_accept withdraw_against_accept decline_against_accept
                both_accept_at_once the_same_command_many_times sweep_against_accept
                two_sweeps_at_once wind_down_against_apply close_against_apply
                two_applications_of_one_person block_against_publish
                two_publications_of_one_draft two_stagings_of_two_people
                block_against_post post_against_post finish_against_finish
                end_against_complete age_against_accept age_against_apply
                leave_against_accept block_against_block person_cap_over_programs
                suspend_against_accept block_against_a_list two_lists_at_once;
            facts: a_predicate_is_asked_again_at_offer_and_accept
                an_age_is_asked_again_at_offer_and_accept an_age_is_asked_again_at_approval
                a_choice_who_is_no_longer_eligible_is_passed_over
                membership_counts_where_a_rule_asks;
            caps: candidates_say_what_the_person_has nobody_is_ranked_over_the_cap_of_a_person
                open_proposals_of_a_place_are_bounded;
            bulk: the_same_list_twice_is_one a_list_does_what_each_would_do_alone
                drafts_staged_together_are_as_each_alone
                sign_ups_do_what_each_would_do_alone drafts_are_published_page_by_page
                many_change_sets_are_one a_broken_guard_among_many_stands_alone
                a_sweep_of_many_does_what_is_due
                a_list_that_never_goes_through_ends;
            frozen: a_message_of_a_frozen_pair_waits the_notice_of_a_freeze_does_not_wait;
            consumers: every_consumer_gets_every_message a_consumer_that_left_is_forgotten
                a_lane_goes_out_in_order a_postponed_message_comes_back
                a_released_message_was_never_tried
                a_parked_message_waits_for_somebody claims_at_once_keep_lanes_apart;
            runs: a_run_becomes_drafts_and_offers pins_and_forbids_are_kept
                row_18_wishes_count_as_asked
                a_stable_run_heeds_whose_wish_it_is a_wish_goes_with_a_block_and_the_other_way
                a_run_goes_on_from_what_lives reasons_for_being_left_out_tell_no_block;
            run_records: a_run_comes_back_and_is_never_replaced drafts_name_their_run
                a_declined_offer_is_known a_staged_run_is_on_record
                a_run_is_published_by_itself d9_figures_are_for_who_staged_a_run
                row_28_staged_runs_are_compared a_run_stages_nobody_of_another_program
                a_run_follows_its_admins_key d18_an_erasure_leaves_a_run_its_numbers
                a_declined_pair_is_found_by_no_later_run;
            rounds: two_who_signed_up_again_have_another_round;
            renames: every_read_follows_the_key nothing_says_the_old_key
                life_goes_on_under_the_new_key a_taken_key_is_refused
                a_rename_stays_in_its_tenant the_same_rename_twice_is_one
                an_erased_key_leaves_a_pseudonym a_rename_is_alone_and_guarded
                a_block_in_flight_never_lands_under_the_old_key
                a_command_in_flight_never_lands_under_the_old_key
                a_sign_up_in_flight_never_lands_under_the_old_key
                a_rename_takes_along_what_came_meanwhile a_key_taken_meanwhile_is_refused
                renames_against_everything;
            reports: d11_a_report_copies_what_stood_there d11_a_window_is_copied_and_no_more
                d11_reports_come_before_during_and_after d11_only_what_one_sees_is_reported
                d11_check_ins_around_are_copied_from_both
                d11_an_introduction_is_reported_and_copied
                d11_an_introduction_is_reported_after_the_end
                a_pair_of_its_own_hands_over_one_introduction
                d19_an_introduction_stays_with_its_case
                row_53_a_withdrawn_introduction_is_its_authors_alone
                row_53_an_introduction_goes_for_good_if_decided
                d37_the_host_moderates_an_introduction
                d11_a_note_of_the_end_is_reported_and_copied
                row_39_a_note_of_ones_own_is_not_reported
                row_53_a_withdrawn_note_of_the_end_is_its_authors_alone
                d37_the_host_moderates_a_note_of_the_end
                d14_a_freeze_within_a_pause_is_in_no_log_of_an_admins
                d23_what_an_admin_lets_go_of_is_handed_over
                reviewers_are_reminded_once_the_host_names_them
                a_pair_of_its_own_hands_over_one_post d14_report_block_and_end_are_one
                d14_filing_tells_the_subject_nothing d15_one_open_report_about_the_same
                d15_a_good_faith_report_is_held_against_nobody
                d15_reports_of_a_day_are_counted d15_whoever_is_muted_reports_what_is_urgent
                d17_the_host_is_told_of_danger
                d17_a_reporter_of_danger_is_shown_where_help_is d17_what_is_urgent_waits_for_no_answer
                d9_an_admins_report_tells_of_no_block a_host_adds_categories
                the_same_report_twice_is_one d12_the_reporter_chooses
                d12_some_cases_are_the_platforms
                d12_without_an_unrecused_admin_the_platform_decides d13_each_tie_recuses
                d13_neither_of_the_two_reviews d13_recusal_is_asked_each_time
                d13_whoever_made_the_match_decides_nothing
                d9_a_block_does_not_keep_the_platform_away
                i9_with_and_without_a_case_a_recused_admin_reads_the_same
                i9_a_decision_reads_as_any_other_end whoever_reported_the_same_is_not_lost
                d16_what_an_appeal_brings_is_told_alone
                d16_a_decision_is_done_and_told_at_once
                d16_a_removal_ends_everything_in_the_program
                d16_nothing_done_is_told_to_the_reporter_alone
                d16_a_verdict_has_parts_that_go_together a_case_is_worked_by_whoever_took_it
                an_answer_is_sealed_with_the_rest d13_an_answer_is_not_told_to_who_is_recused
                a_host_that_does_not_answer_holds_up_no_case
                d16_an_appeal_against_the_only_admin_is_the_platforms nobody_waits_for_an_answer_for_ever
                a_duplicate_keeps_both_reporters_informed
                d12_a_case_goes_to_the_platform_one_way reviewers_are_reminded
                d16_an_appeal_is_decided_by_somebody_else
                d16_a_case_stays_open_to_appeals_for_six_months
                an_urgent_report_is_not_taken_back every_read_of_a_case_is_on_record
                d16_ones_own_log_names_nobody_of_a_case
                a_queue_has_no_gaps_where_something_is_hidden a_verifier_finds_every_change
                i8_an_inventory_shows_what_was_rewritten i8_the_host_verifies_all_evidence
                i9_recused_staff_reads_no_line_of_a_case
                i9_what_a_case_does_in_silence_is_in_its_own_log
                i9_recused_staff_reads_a_freeze_as_a_pause
                i9_recused_staff_sees_no_ban_of_a_case
                row_32_an_earlier_text_is_kept_only_while_a_case_goes_on
                row_32_what_is_removed_is_kept_only_while_a_case_goes_on
                row_32_a_second_report_copies_earlier_texts
                row_32_what_is_shown_again_keeps_nothing row_32_earlier_texts_are_bounded
                d19_an_earlier_text_stays_when_its_author_is_erased
                d13_every_cell_of_recusal_is_as_the_tables_say i9_a_merge_tells_of_no_hidden_case
                staff_reads_what_stands_around_a_case_that_it_works
                an_admin_reads_around_a_case_what_admins_read
                d23_a_case_that_nobody_reported_shows_all_that_it_holds
                cases_stay_in_their_tenant reports_of_the_same_at_once_are_one
                report_and_block_against_accept removal_against_accept two_decisions_at_once
                row_53_a_freeze_goes_with_its_case row_53_the_last_one_lets_go
                row_53_a_suspended_place_gets_nothing_new
                row_53_no_number_of_enrolments_hides_a_hold
                row_53_what_was_sent_anew_without_words_goes_with_its_case
                row_53_nobody_leaves_a_hold_behind row_53_nobody_leaves_a_hold_by_hand_behind
                row_53_withdrawn_content_is_its_authors_alone
                d14_a_freeze_reads_as_a_pause_in_lists_and_logs
                row_53_a_check_in_sent_anew_stays_withdrawn
                row_53_content_goes_for_good_if_decided row_53_who_holds_what
                row_53_nothing_breaks_what_a_case_holds interim_against_everything
                d23_a_minor_is_held_by_a_case_of_the_platforms
                d23_a_mistake_is_mended_by_a_human d23_a_minor_who_is_confirmed_leaves_all
                d23_another_case_that_lets_go_tells_nothing d23_each_word_is_looked_at d15_staff_mutes_a_reporter
                d16_a_ban_ends_what_it_covers_and_keeps_out d16_an_appeal_takes_a_ban_back
                a_ban_is_lifted_by_staff a_ban_goes_with_the_person ban_against_sign_up
                d12_a_program_sets_its_deadlines
                reports_of_one_person_are_found_together
                d13_what_is_alike_shows_nothing_to_whoever_is_recused
                d16_a_statement_holds_what_article_17_asks d16_no_machine_decides_on_an_appeal
                d37_what_the_host_hides_is_its_authors_alone
                d37_removed_content_stays_in_the_evidence d37_the_host_and_a_case_hold_apart;
            erasure: d18_everything_ends_and_goes_in_one_command
                d18_the_partner_keeps_their_own_words d18_nothing_says_the_person_any_more
                d18_one_erases_oneself_and_the_platform_anybody the_same_erasure_twice_is_one
                an_erasure_stays_in_its_tenant d19_what_a_case_holds_stays_with_it
                d19_an_open_case_lets_go_when_it_is_over
                d19_a_closed_case_lets_go_at_once d14_an_erasure_tells_of_no_hidden_case
                d20_a_case_goes_on_without_its_reporter d20_a_case_goes_on_without_its_subject
                erasure_against_acceptance erasure_against_sign_up erasure_against_post
                two_erasures_at_once d10_a_block_outlives_an_erasure
                d10_two_who_were_erased_come_back d10_a_past_pair_outlives_an_erasure
                d10_a_ban_outlives_an_erasure d10_a_hold_outlives_an_erasure
                d10_a_lifted_ban_stays_lifted
                d10_what_was_taken_back_stays_so_in_the_next_life d10_a_ban_reaches_the_same_human
                d10_a_hold_reaches_the_same_human_at_once
                d10_a_ban_reaches_the_same_human_at_once
                d10_a_new_key_is_looked_up_anew ones_own_erasure_leaves_no_digest_of_the_key
                d10_a_wait_outlives_an_erasure d10_without_the_key_nobody_is_found
                d10_a_second_erasure_is_found d10_one_takes_back_ones_own_words
                d10_nothing_else_comes_back d13_nobody_sheds_a_recusal_by_being_erased
                d10_the_host_knows_the_same_human
                d10_an_import_finds_who_was_here d10_a_return_against_everything
                d21_rejected_applications_are_kept_ninety_days
                d21_what_a_pair_wrote_is_kept_half_a_year
                d21_answers_go_after_the_last_enrollment
                d21_cases_are_kept_a_year_after_their_end d21_a_program_says_for_how_long
                d21_a_case_keeps_what_no_other_clock_reaches
                row_63_an_export_holds_all_of_ones_own
                row_63_an_export_holds_nothing_of_others
                row_63_an_export_says_what_was_decided
                row_63_an_export_comes_in_parts row_63_an_export_is_on_record
                row_63_staff_of_a_case_export_nothing_of_it
                row_63_staff_export_what_they_may_review no_word_of_a_person_is_logged;
        }
    };
    (@pairs $type:ident; $($module:ident: $($case:ident)+;)+) => {
        vec![$($((
            concat!(stringify!($module), "::", stringify!($case)),
            (|harness| ::std::boxed::Box::pin($crate::conformance::$module::$case(harness))) as $type,
        ),)+)+]
    };
    (@each $run:ident; $($module:ident: $($case:ident)+;)+) => {$(
        mod $module {
            $(#[test]
            fn $case() {
                super::$run($crate::conformance::case(concat!(
                    stringify!($module),
                    "::",
                    stringify!($case)
                )));
            })+
        }
    )+};
}

/// The case of this name. A test names it instead of calling it, so that the cases are compiled here alone
/// and not once more with each backend.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn case(name: &str) -> Case {
    let found = cases().into_iter().find(|it| it.0 == name);
    found.unwrap_or_else(|| panic!("no case is called {name}")).1
}

/// Every case with its name, for a backend whose cases share something that a test cannot: a cluster that
/// is started once, a file that is filled once.
#[must_use]
pub fn cases() -> Vec<(&'static str, Case)> {
    store_conformance! { @list pairs Case }
}
