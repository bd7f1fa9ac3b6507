import type { IOrAlt, IToken, ParserMethod } from "chevrotain";
import type { RpcDeclaration, RpcType, ServiceDeclaration } from "./ast.ts";
import * as make from "./build-declarations.ts";
import type { Block } from "./build-members.ts";
import { first, MemberParser } from "./member-parser.ts";
import {
  LeftParenthesis,
  ReturnsKeyword,
  RightParenthesis,
  RpcKeyword,
  ServiceKeyword,
  StreamKeyword,
  Word,
} from "./tokens.ts";

type ServiceItem = ServiceDeclaration["body"][number];
type RpcItem = RpcDeclaration["body"][number];

/** The part of the grammar that services are made of. */
export abstract class ServiceParser extends MemberParser {
  readonly service: ParserMethod<[], ServiceDeclaration> = this.RULE(
    "service",
    () => {
      const keyword = this.CONSUME(ServiceKeyword);
      const name = this.OPTION(() => this.CONSUME(Word));
      this.SUBRULE(this.extras);
      const block = this.OR<Block<ServiceItem> | undefined>([
        { ALT: () => this.SUBRULE(this.serviceBlock) },
        { ALT: () => this.SUBRULE(this.noBlock) },
      ]);
      const last = this.LA(0);
      return this.ACTION(() =>
        make.service(this.build, { keyword, name, block, last }),
      );
    },
  );

  readonly serviceBlock: ParserMethod<[], Block<ServiceItem>> = this.RULE(
    "service_block",
    () => this.blockOf(this.serviceItems),
  );

  private readonly serviceItems: IOrAlt<ServiceItem | undefined>[] = [
    first(() => this.SUBRULE(this.rpc)),
    first(() => this.SUBRULE(this.optionLine)),
    { ALT: () => this.SUBRULE(this.empty) },
    { ALT: () => this.SUBRULE(this.misplaced, { ARGS: ["service"] }) },
  ];

  readonly rpc: ParserMethod<[], RpcDeclaration> = this.RULE("rpc", () => {
    const keyword = this.CONSUME(RpcKeyword);
    const name = this.OPTION(() => this.CONSUME(Word));
    const input = this.OPTION2(() => this.SUBRULE(this.rpcType));
    const returns = this.OPTION3(() => this.CONSUME(ReturnsKeyword));
    const output = this.OPTION4(() => this.SUBRULE2(this.rpcType));
    const last = this.LA(0);
    const head = { keyword, name, input, returns, output, last };
    let block: Block<RpcItem> | undefined;
    const semicolon = this.OR<IToken | undefined>([
      first(() => {
        block = this.SUBRULE(this.rpcBlock);
        return undefined;
      }),
      ...this.ends,
    ]);
    return this.ACTION(() =>
      this.ended(
        semicolon,
        block,
        make.rpc(this.build, head, block, this.LA(0)),
      ),
    );
  });

  /** `(stream Request)` */
  readonly rpcType: ParserMethod<[], RpcType> = this.RULE("rpc_type", () => {
    const open = this.CONSUME(LeftParenthesis);
    const stream = this.OPTION(() => this.CONSUME(StreamKeyword));
    const type = this.SUBRULE(this.qualifiedName);
    this.SUBRULE(this.leftovers);
    const close = this.CONSUME(RightParenthesis);
    return this.ACTION(() =>
      make.rpcType(this.build, open, stream, type, close),
    );
  });

  readonly rpcBlock: ParserMethod<[], Block<RpcItem>> = this.RULE(
    "rpc_block",
    () => this.blockOf(this.rpcItems),
  );

  private readonly rpcItems: IOrAlt<RpcItem | undefined>[] = [
    first(() => this.SUBRULE(this.optionLine)),
    { ALT: () => this.SUBRULE(this.empty) },
    { ALT: () => this.SUBRULE(this.misplaced, { ARGS: ["rpc"] }) },
  ];
}
