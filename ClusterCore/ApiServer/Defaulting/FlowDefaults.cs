using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class FlowDefaults
{
    public static void FlowSchema(JsonObject schema) => schema.Ensure("spec").DefaultZero("matchingPrecedence", 1000);

    public static void PriorityLevelConfiguration(JsonObject configuration)
    {
        if (configuration.Spec()?.Object("limited") is { } limited)
        {
            limited.Default("nominalConcurrencyShares", 30);
            limited.Default("lendablePercent", 0);
            if (limited.Object("limitResponse")?.Object("queuing") is { } queuing)
            {
                queuing.DefaultZero("queues", 64);
                queuing.DefaultZero("handSize", 8);
                queuing.DefaultZero("queueLengthLimit", 50);
            }
        }

        if (configuration.Spec()?.Object("exempt") is { } exempt)
        {
            exempt.Default("nominalConcurrencyShares", 0);
            exempt.Default("lendablePercent", 0);
        }
    }
}
