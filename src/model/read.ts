import type { Diagnostic } from "../../grammar/source/diagnostic.ts";
import type { SourceText } from "../../grammar/source/source-text.ts";
import type { Service } from "./api.ts";
import { type FormsByMethod, withForms } from "./forms.ts";
import { type Language, languageOf } from "./language.ts";
import { type LoadFile, parseProto } from "./proto.ts";
import { bindEnvelope, parseEnvelopeConfig } from "./proto/envelope.ts";
import { parseVarlink } from "./varlink.ts";

/** An interface file, to be read in whichever language it is written. */
export interface InterfaceText {
  /** For messages; says the language where `language` does not. */
  readonly path: string;
  readonly text: string;
  /** Default: what the path ends in, `varlink` where it ends otherwise. */
  readonly language?: Language;
  /** Protocol Buffers: the configuration of its envelope RPC, as JSON. */
  readonly envelope?: { readonly path: string; readonly text: string };
  /** Varlink: call forms of methods that the file does not tell of. */
  readonly forms?: FormsByMethod;
}

/** What was found in one text. */
export interface SourceReport {
  readonly source: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReadInterface {
  /** Undefined exactly when a diagnostic is an error. */
  readonly service: Service | undefined;
  /** The file's own problems first, then those of each file it imports. */
  readonly reports: readonly SourceReport[];
}

/**
 * Reads an interface file, whatever its language.
 *
 * @param load Finds what a file of Protocol Buffers imports. Default: it finds
 * nothing but `google/protobuf/…`.
 * @throws EnvelopeError when the envelope's configuration does not fit the file,
 * FormsError when call forms do not.
 */
export function readInterface(
  file: InterfaceText,
  load: LoadFile = () => undefined,
): ReadInterface {
  const { service, reports } = readAlone(file, load);
  if (service === undefined || file.forms === undefined)
    return { service, reports };
  return { service: withForms(service, file.forms), reports };
}

function readAlone(file: InterfaceText, load: LoadFile): ReadInterface {
  const { path, text } = file;
  if ((file.language ?? languageOf(path)) !== "proto") {
    const { service, source, diagnostics } = parseVarlink(text, { path });
    return { service, reports: [{ source, diagnostics }] };
  }
  const { service, source, diagnostics, imports } = parseProto(text, {
    path,
    load,
  });
  const reports = [{ source, diagnostics }, ...imports];
  const { envelope } = file;
  if (service === undefined || envelope === undefined)
    return { service, reports };
  const config = parseEnvelopeConfig(envelope.text, envelope.path);
  return { service: bindEnvelope(service, config, envelope.path), reports };
}
