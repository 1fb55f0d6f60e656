"""The smallest playbook that may be published, as text to be broken."""

SMALL = """\
key: small
name: Small
one_sentence_explanation: Four steps.
products: [core]
segments: [smb]
programmes: [30, 90]
stages:
  welcome: {headline: A, need: A, we_do: A, measure: A, opens_when: now}
  expectations: {headline: A, need: A, we_do: A, measure: A, opens_when: now}
  training: {headline: A, need: A, we_do: A, measure: A, opens_when: now}
  graduation: {headline: A, need: A, we_do: A, measure: A, opens_when: now}
stage_shares: {welcome: 10, expectations: 25, training: 45, graduation: 20}
stage_budgets:
  90: {welcome: [-7, 2], expectations: 10, training: 40, graduation: 40}
modules:
  - key: meet
    stage: welcome
    title: Meet
    outcome: Met.
    why: To meet.
    audience: admin
    owner_role: consultant
    steps:
      - key: hello
        title: Say hello
        kind: confirm
        owner_side: customer
        assignee: admin
        gate: true
        due: start-2
        minutes: 5
        why: To begin.
        done_when: Said.
        button: Hello
        you:
          - Say it.
          - {text: Say it there, path: /settings/hello}
        confirm: {statement: Hello was said.}
  - key: agree
    stage: expectations
    title: Agree
    outcome: Agreed.
    why: To agree.
    audience: admin
    owner_role: consultant
    steps:
      - key: questions
        title: Answer the questions
        kind: form
        owner_side: customer
        assignee: admin
        gate: true
        due: after(hello)+1
        minutes: 5
        why: To know.
        done_when: Answered.
        button: Send answers
        form:
          fields:
            - {key: crm, label: Which CRM, type: choice, options: [Ours, Theirs, "No"]}
            - {key: since, label: Since when, type: date, show_when: {field: crm, is: [Ours, "No"]}}
      - key: yes
        title: Agree to it
        kind: approve
        owner_side: customer
        assignee: sponsor
        due: after(questions)+2
        minutes: 5
        why: To agree.
        done_when: Agreed.
        button: Agree
        approve: {statement: We agree., decline_label: We do not, shows: questions}
  - key: learn
    stage: training
    title: Learn
    outcome: Learnt.
    why: To learn.
    audience: admin
    owner_role: consultant
    steps:
      - key: page
        title: Read the page
        kind: read
        owner_side: customer
        assignee: end_users
        due: stage 40 %
        minutes: 5
        why: To know.
        done_when: Read.
        button: I have read it
        read: {body: The page.}
      - key: more
        title: Read more
        kind: read
        owner_side: customer
        assignee: end_users
        programmes: [90]
        due: stage 80 %
        minutes: 5
        why: To know.
        done_when: Read.
        button: I have read it
        read: {body: The page.}
  - key: finish
    stage: graduation
    title: Finish
    outcome: Finished.
    why: To finish.
    audience: admin
    owner_role: csm
    steps:
      - key: done
        title: Confirm it
        kind: confirm
        owner_side: customer
        assignee: admin
        gate: true
        records: graduation
        due: stage 100 %
        minutes: 5
        why: To finish.
        done_when: Confirmed.
        button: Graduate
        confirm: {statement: We can.}
milestones:
  - {key: finished, title: Finished, steps: [done]}
"""


def broken(old: str, new: str, text: str = SMALL) -> str:
    """The small playbook with one passage exchanged."""
    assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
    return text.replace(old, new)


def line_of(text: str, passage: str) -> int:
    """The line of the passage's only occurrence, from 1."""
    assert text.count(passage) == 1, f"{passage!r} stands there {text.count(passage)} times"
    return text[: text.index(passage)].count("\n") + 1
