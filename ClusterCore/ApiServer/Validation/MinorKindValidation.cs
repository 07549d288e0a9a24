using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Kinds with a rule or two.</summary>
internal static class MinorKindValidation
{
    public static void ControllerRevision(JsonObject revision, FieldErrors errors)
    {
        Rules.NotNegative(revision, "revision", "", errors);
        if (revision["data"] is null) { errors.Required("data", "data is mandatory"); }
        else if (revision["data"] is not JsonObject) { errors.Required("data", "data must be a valid JSON object"); }
    }

    public static void ControllerRevisionUpdate(JsonObject revision, JsonObject old, FieldErrors errors)
    {
        Rules.NotNegative(revision, "revision", "", errors);
        if (!JsonNode.DeepEquals(revision["data"], old["data"])) { errors.Invalid("data", revision["data"], Rules.Immutable); }
    }
}
