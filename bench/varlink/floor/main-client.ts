import { runClient } from "../work/child.ts";
import { openFloor } from "./programs.ts";

runClient(openFloor);
