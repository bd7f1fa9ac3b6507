// What containers "run" in the examples' engine, by the first word of their command.
import type { Program, ProgramContext } from "portolan/libpod";

/** A web server that is asked for something now and then, until it is stopped. */
async function* httpd({ sleep, signal, onSignal, name }: ProgramContext) {
  const told = new AbortController();
  onSignal(() => told.abort());
  yield `${name}: listening on port 80\n`;
  for (let request = 1; !told.signal.aborted && !signal.aborted; request += 1) {
    await sleep(200);
    yield `${name}: GET /page/${request} 200\n`;
    if (request % 5 === 0) yield { stderr: `${name}: GET /missing 404\n` };
  }
  yield `${name}: stopped\n`;
}

const programs: Readonly<Record<string, Program>> = {
  httpd,
  // Written down instead of programmed: three lines, then an exit code.
  backup: {
    output: [
      "copying /data",
      { after: 300, stdout: "1.2 GB copied" },
      { after: 300, stderr: "no room for the index" },
    ],
    exitCode: 2,
  },
};

export default programs;
