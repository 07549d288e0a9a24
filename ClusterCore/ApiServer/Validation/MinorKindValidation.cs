using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Kinds with a rule or two.</summary>
internal static class MinorKindValidation
{
    public static void ControllerRevision(JsonObject revision, FieldErrors errors)
    {
        if (revision["data"] is null)
        {
            errors.Required("data", "data is mandatory");
        }

        if (revision.Number("revision") is < 0 and var number)
        {
            errors.Invalid("revision", number, "must be greater than or equal to 0");
        }
    }

    public static void DataUnchanged(JsonObject revision, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(revision["data"], old["data"]))
        {
            errors.Invalid("data", revision["data"], Rules.Immutable);
        }
    }
}
