using System.Net.Http.Headers;
using Flotilla.ClusterCore.Client;
using Microsoft.AspNetCore.Http;

namespace Flotilla.NodeAgent.Kubelet.Server.Access;

/// <summary>
/// Who may speak to the kubelet: holders of a client certificate of the cluster's CA or of a token the API server knows, who may,
/// as the API server says, do this to this node. Liveness alone is told to everybody.
/// </summary>
internal sealed class AccessControl(AccessReviews reviews)
{
    public async Task FilterAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path == "/healthz")
        {
            await next(context);
            return;
        }

        try
        {
            if (await CallerAsync(context) is not { } caller)
            {
                await RefuseAsync(context, StatusCodes.Status401Unauthorized, "Unauthorized");
                return;
            }

            var wanted = RequestAttributes.Of(context.Request.Method, context.Request.Path);
            if (!caller.IsMaster && !await MayAsync(caller, wanted, context.RequestAborted))
            {
                await RefuseAsync(
                    context, StatusCodes.Status403Forbidden, $"Forbidden (user={caller.Name}, verb={wanted.Verb}, resource=nodes, subresource(s)=[{string.Join(' ', wanted.Subresources)}])\n");
                return;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or ApiException)
        {
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, $"Authorization error: {exception.Message}");
            return;
        }

        await next(context);
    }

    private async Task<Caller?> CallerAsync(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } certificate)
        {
            return ClientAuthority.CallerOf(certificate);
        }

        return AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header)
            && header is { Scheme: var scheme, Parameter: { Length: > 0 } token } && scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            ? await reviews.CallerOfAsync(token, context.RequestAborted)
            : null;
    }

    private async Task<bool> MayAsync(Caller caller, RequestAttributes wanted, CancellationToken cancellationToken)
    {
        foreach (var subresource in wanted.Subresources)
        {
            if (await reviews.MayAsync(caller, wanted.Verb, subresource, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private static Task RefuseAsync(HttpContext context, int code, string message)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsync(message);
    }
}
