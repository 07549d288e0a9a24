using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Metrics;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

/// <summary>
/// The way of every request: who is it, on whose behalf, is there room, may they, and then the router. Whatever goes wrong
/// on the way becomes a Status here and nowhere else.
/// </summary>
internal sealed partial class RequestPipeline(
    Authenticator authenticator, Impersonation impersonation, IAuthorizer authorizer, InflightLimit inflight, Router router,
    ServerMetrics metrics, TimeProvider clock, ILogger<RequestPipeline> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var info = RequestInfo.Parse(context.Request);
        var (series, began) = (metrics.Of(info, context.Request), clock.GetTimestamp());
        series.Begin();
        await AnswerAsync(context, info);
        series.End(context.Response.StatusCode, clock.GetElapsedTime(began));
    }

    private async Task AnswerAsync(HttpContext context, RequestInfo info)
    {
        try
        {
            var caller = await authenticator.AuthenticateAsync(context) ?? throw Refusal.Unauthorized();
            var user = impersonation.Resolve(caller, context.Request.Headers);
            if (inflight.TryEnter(user, info) is not { } ticket)
            {
                await TurnAwayAsync(context);
                return;
            }

            using (ticket)
            {
                Authorize(user, info);
                await router.RouteAsync(new(context, info, user));
            }
        }
        catch (StatusException refusal)
        {
            await RefuseAsync(context, refusal.Status);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogGone(logger, context.Request.Method, context.Request.Path);
        }
        catch (BadHttpRequestException malformed)
        {
            await RefuseAsync(context, new(malformed.StatusCode, malformed.StatusCode == 408 ? "Timeout" : "BadRequest", malformed.Message));
        }
        catch (StoreUnavailableException unavailable)
        {
            LogUnavailable(logger, context.Request.Method, context.Request.Path, unavailable.Message);
            await RefuseAsync(context, Refusal.ServiceUnavailable(unavailable.Message).Status);
        }
        catch (Exception bug)
        {
            LogBug(logger, bug, context.Request.Method, context.Request.Path);
            await RefuseAsync(context, Refusal.Internal(bug.Message).Status);
        }
    }

    /// <summary>The one refusal that is no Status, here as upstream: it must cost nothing.</summary>
    private static Task TurnAwayAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Answer.TextAsync(context, "Too many requests, please try again later.\n", 429);
    }

    private void Authorize(UserInfo user, RequestInfo info)
    {
        // That very user: the authenticator lets it in at open paths only. A name or a group that says the same is no pass.
        if (ReferenceEquals(user, UserInfo.Anonymous)) { return; }
        var attributes = Attributes.Of(user, info);
        var decision = authorizer.Authorize(attributes);
        if (!decision.Allowed) { throw AccessRefusal.For(attributes, decision.Reason); }
    }

    private static Task RefuseAsync(HttpContext context, Status status)
    {
        if (!context.Response.HasStarted) { return Answer.StatusAsync(context, status); }
        context.Abort();
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Method} {Path} went away")]
    private static partial void LogGone(ILogger logger, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path}: the store does not answer: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string method, PathString path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogBug(ILogger logger, Exception exception, string method, PathString path);
}
