"""The hand-off from sales to onboarding: why they bought, in a form that is complete before it is accepted."""
