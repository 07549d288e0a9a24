namespace Flotilla.ClusterCore.ApiServer.Statuses;

/// <summary>A resource as error texts name it: <c>deployments.apps</c>, or <c>pods</c> in the core group.</summary>
internal readonly record struct GroupResource(string Group, string Resource)
{
    public override string ToString() => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}

/// <summary>The refusals of the API, in the words clients match on.</summary>
internal static class Refusal
{
    public static StatusException NotFound(GroupResource resource, string name) =>
        new(new(404, "NotFound", $"{resource} \"{name}\" not found") { Name = name, Group = resource.Group, Kind = resource.Resource });

    public static StatusException PathNotFound() => new(new(404, "NotFound", "the server could not find the requested resource") { Name = "" });

    public static StatusException AlreadyExists(GroupResource resource, string name) =>
        new(new(409, "AlreadyExists", $"{resource} \"{name}\" already exists") { Name = name, Group = resource.Group, Kind = resource.Resource });

    public static StatusException GenerateNameConflict(GroupResource resource, string name) =>
        new(new(409, "AlreadyExists", $"{resource} \"{name}\" already exists, the server was not able to generate a unique name for the object")
        {
            Name = name,
            Group = resource.Group,
            Kind = resource.Resource,
            RetryAfterSeconds = 1,
        });

    public static StatusException Conflict(GroupResource resource, string name, string message) =>
        new(new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {message}")
        {
            Name = name,
            Group = resource.Group,
            Kind = resource.Resource,
        });

    public static StatusException Modified(GroupResource resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static StatusException ApplyConflict(string message, IReadOnlyList<StatusCause> causes) =>
        new(new(409, "Conflict", message) { Causes = causes });

    public static StatusException BadRequest(string message) => new(new(400, "BadRequest", message));

    public static StatusException Unauthorized() => new(new(401, "Unauthorized", "Unauthorized"));

    public static StatusException Forbidden(GroupResource resource, string name, string message) =>
        new(new(403, "Forbidden", $"{resource}{(name.Length > 0 ? $" \"{name}\"" : "")} is forbidden: {message}")
        {
            Name = name,
            Group = resource.Group,
            Kind = resource.Resource,
        });

    public static StatusException ForbiddenPath(string message) => new(new(403, "Forbidden", message) { Name = "" });

    public static StatusException MethodNotAllowed() =>
        new(new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Name = "" });

    public static StatusException MethodNotSupported(GroupResource resource, string verb) =>
        new(new(405, "MethodNotAllowed", $"{verb} is not supported on resources of kind \"{resource}\"") { Group = resource.Group, Kind = resource.Resource });

    /// <summary>The media type would do, but not what it is asked to be: as a table of an unknown version, say.</summary>
    public static StatusException NotAcceptable(string offered) =>
        new(new(406, "NotAcceptable", $"only the following media types are accepted: {offered}"));

    public static StatusException NoRepresentation(string offered) =>
        new(new(406, "NotAcceptable", $"406: Not Acceptable\n\nAvailable representations: {offered}") { Name = "" });

    public static StatusException UnsupportedMediaType(string accepted) =>
        new(new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}"));

    public static StatusException NoSuchPatch() => new(new(415, "UnsupportedMediaType", "415: Unsupported Media Type") { Name = "" });

    public static StatusException TooLarge(long limit) =>
        new(new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}"));

    public static StatusException Invalid(string group, string kind, string name, IReadOnlyList<StatusCause> causes)
    {
        // What is said twice is two causes, and stands once in the message.
        var errors = causes.Select(cause => cause.Field is null ? cause.Message : $"{cause.Field}: {cause.Message}").Distinct(StringComparer.Ordinal).ToArray();
        var text = errors.Length == 1 ? errors[0] : $"[{string.Join(", ", errors)}]";
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        return new(new(422, "Invalid", $"{qualified} \"{name}\" is invalid: {text}") { Name = name, Group = group, Kind = kind, Causes = causes });
    }

    public static StatusException Expired(string message) => new(new(410, "Expired", message));

    public static StatusException Gone(string message) => new(new(410, "Gone", message));

    public static StatusException Timeout(string message, int retryAfterSeconds) =>
        new(new(504, "Timeout", message) { RetryAfterSeconds = retryAfterSeconds });

    public static StatusException ResourceVersionTooLarge(long wanted, long current) =>
        new(new(504, "Timeout", $"Timeout: Too large resource version: {wanted}, current: {current}")
        {
            RetryAfterSeconds = 1,
            Causes = [new("ResourceVersionTooLarge", "Too large resource version")],
        });

    public static StatusException ServiceUnavailable(string message) => new(new(503, "ServiceUnavailable", message));

    public static StatusException Internal(string message) =>
        new(new(500, "InternalError", $"Internal error occurred: {message}") { Causes = [new("", message)] });
}
