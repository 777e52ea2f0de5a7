import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common'
import { isId } from '@shop/core'
import { jwtVerify } from 'jose'

/** Injection token of the signing secret, as bytes. */
export const TOKEN_SECRET = Symbol('token secret')

interface UserRequest {
  readonly headers: { readonly authorization?: string }
  userId?: string
}

/** Requires a valid token. Its subject is the user. */
@Injectable()
export class UserGuard implements CanActivate {
  constructor(@Inject(TOKEN_SECRET) private readonly secret: Uint8Array) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<UserRequest>()
    const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    const verified = await jwtVerify(token, this.secret, { algorithms: ['HS256'], requiredClaims: ['exp'] }).catch(
      () => undefined,
    )
    const userId = verified?.payload.sub
    if (userId === undefined || !isId(userId)) throw new UnauthorizedException()
    request.userId = userId
    return true
  }
}

/** The user that the guard authenticated, never one that the request merely names. */
export const UserId = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<UserRequest>().userId,
)
