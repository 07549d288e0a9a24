using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

internal enum Encoding { Json, Yaml, Protobuf }

/// <summary>What a client wants back: an encoding, and maybe another shape (<c>as=Table</c>, <c>as=PartialObjectMetadata</c>).</summary>
/// <param name="As">Empty: the object itself.</param>
internal sealed record MediaType(Encoding Encoding, string As = "", string Group = "", string Version = "", bool Stream = false)
{
    public const string Protobuf = "application/vnd.kubernetes.protobuf";

    public static readonly MediaType Json = new(Encoding.Json);
    private const string Offered = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

    public string ContentType => Encoding switch
    {
        Encoding.Protobuf => Protobuf + (Stream ? ";stream=watch" : ""),
        Encoding.Yaml => "application/yaml",
        _ => "application/json",
    };

    /// <summary>The first acceptable one, in the client's order of preference; 406 when there is none.</summary>
    public static MediaType Negotiate(StringValues accept, Func<MediaType, bool> serves)
    {
        if (StringValues.IsNullOrEmpty(accept)) { return Json; }
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var wanted)) { return Json; }
        foreach (var offer in wanted.OrderByDescending(offer => offer.Quality ?? 1.0))
        {
            if (Read(offer) is { } type && serves(type)) { return type; }
        }

        throw wanted.Any(offer => Read(offer) is not null) ? Refusal.NotAcceptable(Offered) : Refusal.NoRepresentation(Offered);
    }

    /// <summary>For what is said in any case: in the encoding that the client likes best, or in JSON.</summary>
    public static MediaType Preferred(StringValues accept)
    {
        if (StringValues.IsNullOrEmpty(accept) || !MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var wanted)) { return Json; }
        var best = wanted.OrderByDescending(static offer => offer.Quality ?? 1.0).Select(Read).OfType<MediaType>().FirstOrDefault();
        return best is null ? Json : new(best.Encoding);
    }

    /// <summary>The encoding of a body; JSON when the client does not say.</summary>
    public static Encoding OfBody(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType)) { return Encoding.Json; }
        return MediaTypeHeaderValue.TryParse(contentType, out var type) ? EncodingOf(type) ?? throw Unsupported() : throw Unsupported();
    }

    public static StatusException Unsupported() => Refusal.UnsupportedMediaType(Offered);

    private static MediaType? Read(MediaTypeHeaderValue offer)
    {
        var type = offer.MediaType.Value ?? "";
        var encoding = type is "*/*" or "application/*" ? Encoding.Json : EncodingOf(offer);
        if (encoding is not { } known) { return null; }
        return new(known, Parameter(offer, "as"), Parameter(offer, "g"), Parameter(offer, "v"), Parameter(offer, "stream") == "watch");
    }

    private static Encoding? EncodingOf(MediaTypeHeaderValue type) => type.MediaType.Value switch
    {
        "application/json" => Encoding.Json,
        "application/yaml" => Encoding.Yaml,
        Protobuf => Encoding.Protobuf,
        _ => null,
    };

    private static string Parameter(MediaTypeHeaderValue offer, string name) =>
        offer.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.Value?.Trim('"') ?? "";
}
