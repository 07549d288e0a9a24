using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

internal enum FieldValidation { Warn, Strict, Ignore }

/// <summary>One request that has been authenticated, with the options every verb shares.</summary>
internal sealed class ApiRequest(HttpContext context, RequestInfo info, UserInfo user)
{
    private readonly HashSet<string> warnings = new(StringComparer.Ordinal);

    public HttpContext Http => context;

    public RequestInfo Info => info;

    public UserInfo User => user;

    public CancellationToken Aborted => context.RequestAborted;

    public GroupResource GroupResource => new(info.Group, info.Resource);

    public bool IsDryRun => Query("dryRun").Length > 0;

    public FieldValidation FieldValidation => Query("fieldValidation") switch
    {
        "Strict" => FieldValidation.Strict,
        "Ignore" => FieldValidation.Ignore,
        _ => FieldValidation.Warn,
    };

    /// <summary>Who owns the fields written: as said, or the program's name in front of the user agent's first slash.</summary>
    public string FieldManager
    {
        get
        {
            if (Query("fieldManager") is { Length: > 0 } named) { return named; }
            var agent = context.Request.Headers.UserAgent.ToString();
            var slash = agent.IndexOf('/', StringComparison.Ordinal);
            var program = slash < 0 ? agent : agent[..slash];
            return program.Length == 0 ? "unknown" : program[..Math.Min(program.Length, 128)];
        }
    }

    /// <summary>The first value counts: clients may say the same twice.</summary>
    public string Query(string name) => context.Request.Query[name] is [{ } first, ..] ? first : "";

    public IReadOnlyList<string> Queries(string name) => [.. context.Request.Query[name].OfType<string>()];

    public bool Flag(string name) => context.Request.Query.TryGetValue(name, out var value) && value.ToString() is not ("0" or "false" or "False" or "f" or "F");

    public long? Number(string name)
    {
        var text = Query(name);
        if (text.Length == 0) { return null; }
        return long.TryParse(text, out var number) ? number : throw Refusal.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }

    /// <summary>RFC 7234 §5.5, code 299: what kubectl prints as "Warning: …".</summary>
    public void Warn(string text)
    {
        if (warnings.Add(text) && !context.Response.HasStarted)
        {
            var quoted = text.ReplaceLineEndings(" ").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            context.Response.Headers.Append("Warning", $"299 - \"{quoted}\"");
        }
    }
}
