/** The worker that folds and filters traffic, so that the page's thread only draws. */
import { expose } from "comlink";
import { TrafficStore } from "../state/traffic-store.ts";
import { TrafficDesk } from "./traffic-desk.ts";

expose(new TrafficDesk(new TrafficStore(Date.now)));
