/** Form controls with their label, their hint and what is wrong with them. */
import type { Child } from 'hono/jsx'

interface FieldProps {
  readonly label: string
  readonly name: string
  readonly hint?: string
  readonly fault?: string | undefined
}

/** What a control refers to, so that the hint and the fault are read out with it. */
function describedBy({ name, hint, fault }: FieldProps) {
  const ids = [
    ...(hint === undefined ? [] : [`${name}-hint`]),
    ...(fault === undefined ? [] : [`${name}-fault`]),
  ]
  return {
    ...(ids.length === 0 ? {} : { 'aria-describedby': ids.join(' ') }),
    ...(fault === undefined ? {} : { 'aria-invalid': 'true' as const }),
  }
}

const Field = (props: FieldProps & { readonly wide?: boolean; readonly children?: Child }) => (
  <div class={props.wide ? 'field wide' : 'field'}>
    <label for={props.name}>{props.label}</label>
    {props.hint === undefined ? null : (
      <span class="hint" id={`${props.name}-hint`}>
        {props.hint}
      </span>
    )}
    {props.children}
    {props.fault === undefined ? null : (
      <span class="wrong" id={`${props.name}-fault`}>
        {props.fault}
      </span>
    )}
  </div>
)

export const Input = (
  props: FieldProps & {
    readonly value?: string | undefined
    readonly type?: 'text' | 'date' | 'number' | 'search'
    readonly wide?: boolean
    readonly required?: boolean
    readonly maxlength?: number
    readonly placeholder?: string
    readonly inputmode?: 'numeric' | 'decimal'
  },
) => (
  <Field {...props}>
    <input
      id={props.name}
      name={props.name}
      type={props.type ?? 'text'}
      value={props.value ?? ''}
      autocomplete="off"
      {...(props.required ? { required: true } : {})}
      {...(props.maxlength === undefined ? {} : { maxlength: props.maxlength })}
      {...(props.placeholder === undefined ? {} : { placeholder: props.placeholder })}
      {...(props.inputmode === undefined ? {} : { inputmode: props.inputmode })}
      {...describedBy(props)}
    />
  </Field>
)

export const Textarea = (
  props: FieldProps & { readonly value: string; readonly required?: boolean },
) => (
  <Field {...props}>
    <textarea
      id={props.name}
      name={props.name}
      spellcheck={false}
      {...(props.required ? { required: true } : {})}
      {...describedBy(props)}
    >
      {props.value}
    </textarea>
  </Field>
)

export interface Option {
  readonly value: string
  readonly label: string
}

export const Select = (
  props: FieldProps & { readonly options: readonly Option[]; readonly value?: string | undefined },
) => (
  <Field {...props}>
    <select id={props.name} name={props.name} {...describedBy(props)}>
      {props.options.map(({ value, label }) => (
        <option value={value} {...(value === (props.value ?? '') ? { selected: true } : {})}>
          {label}
        </option>
      ))}
    </select>
  </Field>
)

export const Check = (props: {
  readonly label: string
  readonly name: string
  readonly checked: boolean
}) => (
  <div class="check">
    <input
      type="checkbox"
      id={props.name}
      name={props.name}
      value="yes"
      {...(props.checked ? { checked: true } : {})}
    />
    <label for={props.name}>{props.label}</label>
  </div>
)
