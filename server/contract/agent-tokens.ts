/** What agents report and enrol with. Apart from the schemas, which agents have no use for. */

/** What an agent reports with. */
export const AGENT_TOKEN_PREFIX = "pulse_agent_";
/** With this any number of machines may enrol; it reports nothing itself. */
export const ENROLMENT_TOKEN_PREFIX = "pulse_agent_enroll_";

/** The form of both. */
export const AGENT_TOKEN_PATTERN = /^pulse_agent_[A-Za-z0-9_-]{8,400}$/;
