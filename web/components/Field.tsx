/**
 * A field of a form: its label, its input, a hint, and what the server said of it, tied together for assistive technology. For
 * islands.
 * @module
 */
import { cloneElement, type JSX, type VNode } from "preact";
import { SendError } from "./live.ts";

/** What the server refused of a form. */
export interface FormProblem {
  /** In words. */
  readonly message: string;
  /** Code name of the field that it is said of; null where the form shows no such field. */
  readonly field: string | null;
}

/** What was refused; the field that it is said of is brought to light and focused. */
export function formProblem(error: unknown, form: HTMLFormElement): FormProblem {
  const { message } = error as Error;
  const field = error instanceof SendError ? error.field : null;
  const input = field === null ? null : form.elements.namedItem(field);
  if (!(input instanceof HTMLElement)) return { message, field: null };
  const folded = input.closest("details");
  if (folded !== null) folded.open = true;
  input.focus();
  return { message, field };
}

interface FieldProps {
  /** Code name. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly problem: FormProblem | null;
  /** The input or select. */
  readonly children: VNode<JSX.HTMLAttributes>;
}

/** The field. */
export function Field({ name, label, hint, problem, children }: FieldProps): JSX.Element {
  const wrong = problem?.field === name;
  return (
    <div class="field-place">
      <label class="field">
        <span>{label}</span>
        {cloneElement(children, {
          name,
          ...(wrong && { "aria-invalid": true, "aria-describedby": problemId(name) }),
        })}
        {hint !== undefined && <span class="hint">{hint}</span>}
      </label>
      <FieldProblem name={name} problem={problem} />
    </div>
  );
}

/** Id of what is said of a field. */
export function problemId(name: string): string {
  return `${name}-problem`;
}

/** What is said of a field, if anything is. */
export function FieldProblem({ name, problem }: Pick<FieldProps, "name" | "problem">): JSX.Element | null {
  return problem?.field === name
    ? <p id={problemId(name)} class="field-error" role="alert">{problem.message}</p>
    : null;
}

/** What is said of no field that is shown. */
export function FormNotice({ problem }: Pick<FieldProps, "problem">): JSX.Element | null {
  return problem !== null && problem.field === null
    ? <p class="notice" data-tone="bad" role="alert">{problem.message}</p>
    : null;
}
